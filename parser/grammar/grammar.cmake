# The generated parser: antlr4 writes it into the build folder; it is compiled without our warnings and with low
# optimisation, because its time is spent in the runtime and its case labels are many.
find_program(ANTLR4 antlr4 REQUIRED)
find_path(ANTLR4_INCLUDE antlr4-runtime.h PATH_SUFFIXES antlr4-runtime REQUIRED)
find_library(ANTLR4_RUNTIME antlr4-runtime REQUIRED)
set(grammar_out ${CMAKE_BINARY_DIR}/grammar)
# Debian's runtime has a header that clang refuses (a struct whose default constructor it finds deleted); nothing of ours uses it.
# A copy of the umbrella header without it comes first on the path, so that the fuzzers and clang-tidy can read the parser.
file(STRINGS ${ANTLR4_INCLUDE}/antlr4-runtime.h antlr4_lines)
list(FILTER antlr4_lines EXCLUDE REGEX "InterpreterDataReader")
list(JOIN antlr4_lines "\n" antlr4_text)
file(CONFIGURE OUTPUT ${grammar_out}/antlr4-runtime.h CONTENT "${antlr4_text}\n" @ONLY)
file(GLOB grammar_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/parser/grammar/*.g4)
set(grammar_generated ${grammar_out}/SluiceParser.cpp ${grammar_out}/SluiceParser.h)
add_custom_command(
  OUTPUT ${grammar_generated}
  COMMAND ${ANTLR4} -Dlanguage=Cpp -no-visitor -no-listener -package sluice::parser::grammar -lib
          ${CMAKE_SOURCE_DIR}/parser/grammar -o ${grammar_out} SluiceParser.g4
  WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}/parser/grammar
  DEPENDS ${grammar_sources} ${CMAKE_SOURCE_DIR}/parser/grammar/SluiceTokens.tokens
  COMMENT "The grammar becomes a parser"
  VERBATIM)
add_library(sluice_grammar STATIC ${grammar_generated})
target_include_directories(sluice_grammar SYSTEM PUBLIC ${grammar_out} ${ANTLR4_INCLUDE})
target_include_directories(sluice_grammar PRIVATE ${CMAKE_SOURCE_DIR})  # parser_base.h
target_link_libraries(sluice_grammar PUBLIC ${ANTLR4_RUNTIME})
# The generated code has u8"" literals that must stay char (tool 4.7.2).
target_compile_options(sluice_grammar PRIVATE -w -O1 -g0 -fno-char8_t)
