// Rows of the catalog as parameters of tests.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "impls/catalog.hpp"

namespace waitbench {

inline std::vector<const CatalogRow*> rows_that(bool (*fit)(const CatalogRow&)) {
  std::vector<const CatalogRow*> rows;
  for (const CatalogRow& row : catalog())
    if (fit(row)) rows.push_back(&row);
  return rows;
}

// In the letters that GoogleTest allows.
inline std::string test_name(const CatalogRow& row) {
  std::string name(row.name);
  std::ranges::replace(name, '-', '_');
  return name;
}

}  // namespace waitbench
