# The libraries that are in the program, a row each: name | Debian package that holds it | licence (SPDX).
# Their versions are those of the packages that this build found; on another distribution they stay empty, and the
# console says "the system's". tests/e2e/test_admin_api.py holds the list to what the program is linked with.
set(parts
  "ANTLR 4 runtime|libantlr4-runtime-dev|BSD-3-Clause"
  "Boost|libboost1.81-dev|BSL-1.0"
  "CLI11|libcli11-dev|BSD-3-Clause"
  "fmt|libfmt-dev|MIT"
  "GNU C Library|libc6|LGPL-2.1-or-later"
  "GNU libstdc++ and libgcc|libstdc++6|GPL-3.0-or-later WITH GCC-exception-3.1"
  "libpq|libpq-dev|PostgreSQL"
  "libsodium|libsodium-dev|ISC"
  "MariaDB Connector/C|libmariadb-dev|LGPL-2.1-or-later"
  "OpenSSL|libssl-dev|Apache-2.0"
  "prometheus-cpp|prometheus-cpp-dev|MIT"
  "spdlog|libspdlog-dev|MIT"
  "SQLite|libsqlite3-dev|blessing"
  "toml++|libtomlplusplus-dev|MIT"
  "zlib|zlib1g-dev|Zlib"
  "Zstandard|libzstd-dev|BSD-3-Clause")

find_program(DPKG_QUERY dpkg-query)
set(rows "")
foreach(part IN LISTS parts)
  string(REPLACE "|" ";" part "${part}")
  list(GET part 0 name)
  list(GET part 1 package)
  list(GET part 2 licence)
  set(version "")
  if(DPKG_QUERY)
    execute_process(COMMAND ${DPKG_QUERY} -W "-f=\${Version}\n" ${package}
                    OUTPUT_VARIABLE version OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    string(REGEX REPLACE "\n.*" "" version "${version}")  # one architecture's
  endif()
  string(APPEND rows "{\"${name}\", \"${version}\", \"${licence}\"},\n")
endforeach()
file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/generated/proxy/parts.inc CONTENT "${rows}")
