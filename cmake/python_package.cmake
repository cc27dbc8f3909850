# Reports and comparisons are made by the Python package `plots`, and runs on other machines are
# started by the package `fleet`. The program finds both relative to itself, so that an installed tree
# can be moved: in ../share/waitbench once installed, and in share/waitbench beside the program in a
# build directory, where links lead to the source.

set(WAITBENCH_PYTHON "" CACHE STRING
  "Python for reports, with the modules that they need; default: looked for when it is needed")

set(python_package_dir ${CMAKE_INSTALL_DATADIR}/waitbench)
file(RELATIVE_PATH python_package_from_program /${CMAKE_INSTALL_BINDIR} /${python_package_dir})

set(built_package_dir ${PROJECT_BINARY_DIR}/share/waitbench)
file(MAKE_DIRECTORY ${built_package_dir}/results)
foreach(package fleet plots)
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${package} ${built_package_dir}/${package} SYMBOLIC)
endforeach()
file(CREATE_LINK ${PROJECT_SOURCE_DIR}/results/schema.json
  ${built_package_dir}/results/schema.json SYMBOLIC)

install(DIRECTORY fleet plots DESTINATION ${python_package_dir} PATTERN __pycache__ EXCLUDE)
install(FILES results/schema.json DESTINATION ${python_package_dir}/results)
