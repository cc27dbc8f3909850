# The guests that waitbench comes with. The program finds them as it finds the Python package: in
# ../share/waitbench/guests once installed, and beside the program in a build directory.

set(guests_dir ${CMAKE_INSTALL_DATADIR}/waitbench/guests)
file(RELATIVE_PATH guests_from_program /${CMAKE_INSTALL_BINDIR} /${guests_dir})
file(CREATE_LINK ${PROJECT_SOURCE_DIR}/impls/guests ${built_package_dir}/guests SYMBOLIC)
install(DIRECTORY impls/guests/ DESTINATION ${guests_dir} PATTERN __pycache__ EXCLUDE)
