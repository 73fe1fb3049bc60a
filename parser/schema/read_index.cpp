// Indexes, foreign keys and checks (manual 15.1.24, 15.1.18 CREATE INDEX).
#include "parser/schema/read.h"

namespace sluice::schema {

bool at_index(const Cursor& in) {
  if (in.is("PRIMARY") || in.is("UNIQUE") || in.is("INDEX") || in.is("KEY")) return true;
  // A column may have these names; its type follows as a word.
  return (in.is("FULLTEXT") || in.is("SPATIAL") || in.is("VECTOR")) &&
         (in.is("KEY", 1) || in.is("INDEX", 1) || in.is("(", 1) || in.is("(", 2));
}

std::vector<IndexPart> read_parts(Cursor& in, Index& index) {
  std::vector<IndexPart> parts;
  in.expect("(");
  do {
    IndexPart part;
    if (in.is("(")) {
      part.expression = in.parenthesised();
    } else {
      part.column = in.identifier();
      if (in.accept("WITHOUT OVERLAPS")) {
        index.without_overlaps = part.column;
        continue;
      }
      if (in.accept("(")) {
        part.prefix = static_cast<std::uint32_t>(in.number());
        in.expect(")");
      }
    }
    if (in.accept("DESC")) {
      part.descending = true;
    } else {
      in.accept("ASC");
    }
    parts.push_back(std::move(part));
  } while (in.accept(","));
  in.expect(")");
  return parts;
}

void read_index_options(Cursor& in, Index& index) {
  const auto text = [&] {
    in.accept("=");
    return in.string();
  };
  while (!in.failed()) {
    if (in.accept("USING") || in.accept("TYPE")) {
      index.algorithm = in.word();
    } else if (in.accept("KEY_BLOCK_SIZE")) {
      in.accept("=");
      index.options["KEY_BLOCK_SIZE"] = std::to_string(in.number());
    } else if (in.accept("WITH PARSER")) {
      index.parser = in.identifier();
    } else if (in.accept("COMMENT")) {
      index.comment = text();
    } else if (in.accept("VISIBLE") || in.accept("NOT IGNORED")) {
      index.visible = true;
    } else if (in.accept("INVISIBLE") || in.accept("IGNORED")) {
      index.visible = false;
    } else if (in.accept("ENGINE_ATTRIBUTE")) {
      index.engine_attribute = text();
    } else if (in.accept("SECONDARY_ENGINE_ATTRIBUTE")) {
      index.secondary_engine_attribute = text();
    } else if (in.target().mariadb && in.is("=", 1) && !in.is("ALGORITHM") && !in.is("LOCK")) {
      auto name = in.identifier();
      in.skip();
      index.options[name] = in.slice(in.position(), in.position() + 1);
      in.skip();
    } else {
      return;
    }
  }
}

Index read_index(Cursor& in, std::string constraint) {
  Index index;
  if (in.accept("PRIMARY")) {
    in.expect("KEY");
    index.kind = Index::Kind::Primary;
  } else {
    if (in.accept("UNIQUE"))
      index.kind = Index::Kind::Unique;
    else if (in.accept("FULLTEXT"))
      index.kind = Index::Kind::Fulltext;
    else if (in.accept("SPATIAL"))
      index.kind = Index::Kind::Spatial;
    else if (in.accept("VECTOR"))
      index.kind = Index::Kind::Vector;
    if (!in.accept("INDEX")) in.accept("KEY");
  }
  in.accept("IF NOT EXISTS");
  index.name = std::move(constraint);
  if (!in.is("(") && !in.is("USING") && !in.is("TYPE")) index.name = in.identifier();
  if (index.kind == Index::Kind::Primary) index.name = "PRIMARY";
  if (in.accept("USING") || in.accept("TYPE")) index.algorithm = in.word();
  index.parts = read_parts(in, index);
  read_index_options(in, index);
  return index;
}

ForeignKey read_reference(Cursor& in, ForeignKey key) {
  in.expect("REFERENCES");
  key.table = in.identifier();
  if (in.accept(".")) {
    key.schema = std::move(key.table);
    key.table = in.identifier();
  }
  if (in.is("(")) key.referenced = in.name_list();
  const auto action = [&]() -> std::string {
    for (const auto* words : {"RESTRICT", "CASCADE", "SET NULL", "NO ACTION", "SET DEFAULT"}) {
      if (in.accept(words)) return words;
    }
    in.fail("expected a referential action");
    return {};
  };
  while (!in.failed()) {
    if (in.accept("MATCH"))
      key.match = in.word();
    else if (in.accept("ON DELETE"))
      key.on_delete = action();
    else if (!in.is("ON") || !in.is("UPDATE", 1) || in.is("CURRENT_TIMESTAMP", 2))
      break;
    else if (in.accept("ON UPDATE"))
      key.on_update = action();
  }
  return key;
}

ForeignKey read_foreign_key(Cursor& in, std::string constraint) {
  ForeignKey key;
  in.expect("FOREIGN KEY");
  in.accept("IF NOT EXISTS");
  key.name = std::move(constraint);
  if (!in.is("(")) {
    auto name = in.identifier();  // the index's; the constraint's when it has none
    if (key.name.empty()) key.name = std::move(name);
  }
  key.columns = in.name_list();
  return read_reference(in, std::move(key));
}

Check read_check(Cursor& in, std::string constraint) {
  Check check;
  check.name = std::move(constraint);
  in.expect("CHECK");
  check.sql = in.parenthesised();
  if (in.accept("NOT ENFORCED"))
    check.enforced = false;
  else
    in.accept("ENFORCED");
  return check;
}

}  // namespace sluice::schema
