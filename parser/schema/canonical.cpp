#include "parser/schema/canonical.h"

#include <algorithm>
#include <array>

#include "parser/schema/cursor.h"

namespace sluice::schema {
namespace {

std::string modern(std::string name) {  // utf8 is utf8mb3
  if (name == "utf8") return "utf8mb3";
  if (name.starts_with("utf8_")) return "utf8mb3_" + name.substr(5);
  return name;
}

void settle_charset(std::string& charset, std::string& collation, std::string_view outer_charset,
                    std::string_view outer_collation, const Target& target) {
  charset = modern(charset);
  collation = modern(collation);
  if (collation == "_bin") {
    if (charset.empty()) charset = outer_charset;
    collation = charset + "_bin";
  }
  if (charset.empty() && !collation.empty()) {
    charset = collation.substr(0, collation.find('_'));
    if (charset == "uca1400") charset = outer_charset;
  }
  if (charset.empty()) {
    charset = outer_charset;
    collation = outer_collation;
  }
  if (collation.empty()) {
    collation = charset == outer_charset && target.mariadb && outer_collation.empty() == false &&
                        default_collation(charset, target).empty()
                    ? std::string(outer_collation)
                    : default_collation(charset, target);
  }
}

bool is_integer(std::string_view name) {
  return name.ends_with("int");
}

void settle_type(DataType& type) {
  if (is_integer(type.name) && !type.zerofill) {
    const bool boolean = type.name == "tinyint" && type.length == 1U && !type.is_unsigned;
    if (!boolean) type.length.reset();
  }
  if ((type.name == "float" || type.name == "double") && !type.decimals) type.length.reset();
  const bool one = type.name == "char" || type.name == "binary" || type.name == "bit";
  if (one && !type.length) type.length = 1;
  if (type.name == "decimal") {
    if (!type.length) type.length = 10;
    if (!type.decimals) type.decimals = 0;
  }
  const bool time = type.name == "time" || type.name == "datetime" || type.name == "timestamp";
  if (time && type.length == 0U) type.length.reset();
}

// 1.5 of DECIMAL(10,2) is kept as 1.50, 007 of INT as 7.
std::string settle_number(std::string value, const DataType& type) {
  const bool minus = value.starts_with('-');
  if (minus || value.starts_with('+')) value.erase(0, 1);
  if (value.empty() || value.find_first_not_of("0123456789.") != std::string::npos)
    return (minus ? "-" : "") + value;
  auto dot = value.find('.');
  if (type.name == "decimal" && type.decimals) {
    if (dot == std::string::npos) dot = value.size(), value += '.';
    if (value.size() - dot - 1 <= *type.decimals)
      value.append(*type.decimals - (value.size() - dot - 1), '0');
    if (*type.decimals == 0 && value.ends_with('.')) value.pop_back();
  }
  if (!type.zerofill) {
    const auto last = std::min(value.find('.'), value.size());
    std::size_t zeros = 0;
    while (zeros + 1 < last && value[zeros] == '0') ++zeros;
    value.erase(0, zeros);
    if (value.starts_with('.')) value.insert(0, "0");
  }
  const bool zero = value.find_first_not_of("0.") == std::string::npos;
  return (minus && !zero ? "-" : "") + value;
}

void settle_default(Column& column) {
  auto* literal = std::get_if<Literal>(&column.default_value);
  if (!literal) return;
  const auto& type = column.type;
  if (literal->kind == Literal::Kind::Null) {
    column.default_value = std::monostate{};
    return;
  }
  if (type.name == "bit") {
    if (literal->kind == Literal::Kind::Bits) {
      literal->value.erase(0, std::min(literal->value.find('1'),
                                       literal->value.empty() ? 0 : literal->value.size() - 1));
    } else if (literal->value == "0" || literal->value == "1") {
      literal->kind = Literal::Kind::Bits;
    }
    return;
  }
  if (literal->kind != Literal::Kind::Text) return;
  if (is_integer(type.name) || type.name == "decimal")
    literal->value = settle_number(literal->value, type);
  if ((type.name == "datetime" || type.name == "timestamp") && literal->value.size() == 10) {
    literal->value += " 00:00:00";
  }
  const bool time = type.name == "datetime" || type.name == "timestamp" || type.name == "time";
  if (time && type.length && literal->value.find('.') == std::string::npos &&
      literal->value.size() >= 8) {
    literal->value += "." + std::string(*type.length, '0');
  }
}

std::string free_name(const Table& table, const std::string& base) {
  if (!table.index(base) && !same_name(base, "PRIMARY")) return base;
  for (int i = 2;; ++i) {
    auto name = base + "_" + std::to_string(i);
    if (!table.index(name)) return name;
  }
}

void name_indexes(Table& table) {
  for (auto& index : table.indexes) {
    if (!index.name.empty() || index.parts.empty()) continue;
    const auto& first = index.parts.front();
    index.name = free_name(table, first.column.empty() ? "functional_index" : first.column);
  }
}

bool covers(const Index& index, const std::vector<std::string>& columns) {
  if (index.kind == Index::Kind::Fulltext || index.kind == Index::Kind::Spatial) return false;
  if (index.parts.size() < columns.size()) return false;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (!same_name(index.parts[i].column, columns[i]) || index.parts[i].prefix) return false;
  }
  return true;
}

void settle_foreign_keys(Table& table, const Schema& schema) {
  for (auto& key : table.foreign_keys) {
    const bool covered = std::any_of(table.indexes.begin(), table.indexes.end(),
                                     [&](const Index& x) { return covers(x, key.columns); });
    if (!covered && same_name(table.options.engine, "InnoDB")) {
      Index index;
      index.name = key.name.empty() ? free_name(table, key.columns.front()) : key.name;
      for (const auto& column : key.columns) index.parts.push_back({column, "", {}, false});
      if (!table.index(index.name)) table.indexes.push_back(std::move(index));
    }
    if (key.name.empty()) {
      for (int i = 1;; ++i) {
        auto name = table.name + "_ibfk_" + std::to_string(i);
        const auto taken = [&](const ForeignKey& x) { return same_name(x.name, name); };
        if (std::any_of(table.foreign_keys.begin(), table.foreign_keys.end(), taken)) continue;
        key.name = std::move(name);
        break;
      }
    }
    if (key.schema == schema.name) key.schema.clear();
    for (auto* action : {&key.on_delete, &key.on_update}) {
      if (*action == "RESTRICT" || *action == "NO ACTION") action->clear();
    }
    key.match.clear();
    if (key.referenced.empty()) {
      const auto parent = schema.tables.find(key.table);
      const auto* primary = parent == schema.tables.end() ? nullptr : parent->second.primary_key();
      for (const auto& part : primary ? primary->parts : std::vector<IndexPart>{})
        key.referenced.push_back(part.column);
    }
  }
}

void settle_indexes(Table& table) {
  for (auto& index : table.indexes) {
    index.algorithm = upper(index.algorithm);
    const bool tree = index.kind == Index::Kind::Fulltext || index.kind == Index::Kind::Spatial;
    // InnoDB keeps the word HASH and makes a B-tree; MEMORY makes a hash where nothing is said.
    const bool memory = same_name(table.options.engine, "MEMORY");
    if (tree || index.algorithm == (memory ? "HASH" : "BTREE") ||
        same_name(table.options.engine, "InnoDB")) {
      index.algorithm.clear();
    }
    for (auto& part : index.parts) {
      const auto* column = table.column(part.column);
      if (!column) continue;
      if (part.prefix && column->type.length == part.prefix) part.prefix.reset();
      part.column = column->name;
      if (tree) part.prefix.reset();
    }
    if (const auto size = index.options.find("KEY_BLOCK_SIZE"); size != index.options.end()) {
      const auto own = table.options.other.find("KEY_BLOCK_SIZE");
      if (size->second == "0" || (own != table.options.other.end() && own->second == size->second))
        index.options.erase(size);
    }
    if (index.kind != Index::Kind::Primary) continue;
    for (const auto& part : index.parts) {
      if (auto* column = table.column(part.column)) column->nullable = false;
    }
  }
}

void settle_partitioning(Table& table) {
  if (!table.partitioning) return;
  auto& by = *table.partitioning;
  const auto drop_engine = [&](Options& options) {
    std::erase_if(options, [&](const auto& x) {
      return x.first == "ENGINE" && same_name(x.second, table.options.engine);
    });
  };
  bool plain = by.by.method.ends_with("HASH") || by.by.method.ends_with("KEY");
  for (std::size_t i = 0; i < by.partitions.size(); ++i) {
    auto& part = by.partitions[i];
    drop_engine(part.options);
    bool plain_subs = true;
    for (std::size_t j = 0; j < part.subpartitions.size(); ++j) {
      auto& sub = part.subpartitions[j];
      drop_engine(sub.options);
      plain_subs =
          plain_subs && sub.options.empty() && sub.name == part.name + "sp" + std::to_string(j);
    }
    if (plain_subs && !part.subpartitions.empty()) {
      by.sub.count = static_cast<std::uint32_t>(part.subpartitions.size());
      part.subpartitions.clear();
    } else if (!part.subpartitions.empty()) {
      by.sub.count.reset();
    }
    plain = plain && part.options.empty() && part.subpartitions.empty() &&
            part.name == "p" + std::to_string(i);
  }
  if (plain) {
    if (!by.partitions.empty()) by.by.count = static_cast<std::uint32_t>(by.partitions.size());
    by.partitions.clear();
    if (!by.by.count) by.by.count = 1;
  } else if (!by.partitions.empty()) {
    by.by.count.reset();
  }
}

void sort_all(Table& table) {
  const auto by_name = [](const auto& a, const auto& b) { return NameLess{}(a.name, b.name); };
  std::stable_sort(table.indexes.begin(), table.indexes.end(), [&](const Index& a, const Index& b) {
    const bool pa = a.kind == Index::Kind::Primary;
    const bool pb = b.kind == Index::Kind::Primary;
    return pa != pb ? pa : by_name(a, b);
  });
  std::stable_sort(table.foreign_keys.begin(), table.foreign_keys.end(), by_name);
  std::stable_sort(table.checks.begin(), table.checks.end(), by_name);
}

void settle_options(TableOptions& options, const Schema& schema, const Target& target) {
  options.auto_increment.reset();
  options.comment_written = false;
  std::erase_if(options.other, [](const auto& x) { return x.second == "DEFAULT"; });
  if (options.engine.empty()) options.engine = "InnoDB";
  for (const auto* const name : {"InnoDB", "MyISAM", "MEMORY", "CSV", "ARCHIVE", "BLACKHOLE",
                                 "FEDERATED", "Aria", "MRG_MyISAM"}) {
    if (same_name(options.engine, name)) options.engine = name;
  }
  if (same_name(options.engine, "HEAP")) options.engine = "MEMORY";
  auto charset = schema.charset;
  auto collation = schema.collation;
  settle_charset(charset, collation,
                 target.mariadb && target.version < 110600 ? "latin1" : "utf8mb4", "", target);
  settle_charset(options.charset, options.collation, charset, collation, target);
  for (const auto* const name : {"ENCRYPTION", "TABLESPACE"}) {
    const auto at = options.other.find(name);
    if (at == options.other.end()) continue;
    if (same_name(at->second, "'N'") || at->second == "`innodb_file_per_table`")
      options.other.erase(at);
  }
  const auto erase_value = [&](const char* name, const char* value) {
    const auto at = options.other.find(name);
    if (at != options.other.end() && same_name(at->second, value)) options.other.erase(at);
  };
  erase_value("AVG_ROW_LENGTH", "0");
  erase_value("COMPRESSION", "'none'");
  for (const auto* const name :
       {"COMPRESSION", "CONNECTION", "ENGINE_ATTRIBUTE", "SECONDARY_ENGINE_ATTRIBUTE"}) {
    erase_value(name, "''");
  }
  erase_value("SECONDARY_ENGINE", "NULL");
  erase_value("UNION", "()");
  erase_value("CHECKSUM", "0");
  erase_value("DELAY_KEY_WRITE", "0");
  erase_value("MAX_ROWS", "0");
  erase_value("MIN_ROWS", "0");
  erase_value("KEY_BLOCK_SIZE", "0");
}

void name_checks(Table& table, const Target& target) {
  for (auto& check : table.checks) {
    for (int i = 1; check.name.empty(); ++i) {
      auto name = (target.mariadb ? "CONSTRAINT_" : table.name + "_chk_") + std::to_string(i);
      const auto taken = [&](const Check& x) { return same_name(x.name, name); };
      if (std::none_of(table.checks.begin(), table.checks.end(), taken))
        check.name = std::move(name);
    }
  }
}

}  // namespace

std::string default_collation(std::string_view charset, const Target& target) {
  if (charset.empty()) return {};
  if (charset == "utf8mb4" && !target.mariadb)
    return target.version >= 80001 ? "utf8mb4_0900_ai_ci" : "utf8mb4_general_ci";
  if (charset == "binary") return "binary";
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kOdd = {
      {{"latin1", "latin1_swedish_ci"},
       {"big5", "big5_chinese_ci"},
       {"cp1250", "cp1250_general_ci"},
       {"dec8", "dec8_swedish_ci"},
       {"eucjpms", "eucjpms_japanese_ci"},
       {"euckr", "euckr_korean_ci"},
       {"gb2312", "gb2312_chinese_ci"},
       {"gbk", "gbk_chinese_ci"},
       {"gb18030", "gb18030_chinese_ci"},
       {"hp8", "hp8_english_ci"},
       {"sjis", "sjis_japanese_ci"},
       {"cp932", "cp932_japanese_ci"},
       {"swe7", "swe7_swedish_ci"},
       {"ujis", "ujis_japanese_ci"}}};
  for (const auto& [name, collation] : kOdd) {
    if (name == charset) return std::string(collation);
  }
  if (charset == "tis620") return "tis620_thai_ci";
  const bool uca = target.mariadb && target.version >= 110600 &&
                   (charset.starts_with("utf") || charset == "ucs2");
  return std::string(charset) + (uca ? "_uca1400_ai_ci" : "_general_ci");
}

bool has_charset(const DataType& type) {
  return type.name == "char" || type.name == "varchar" || type.name.ends_with("text") ||
         type.name == "enum" || type.name == "set";
}

void canonicalise(Table& table, const Schema& schema, const Target& target) {
  settle_options(table.options, schema, target);
  for (auto& column : table.columns) {
    if (has_charset(column.type)) {
      settle_charset(column.type.charset, column.type.collation, table.options.charset,
                     table.options.collation, target);
    }
    settle_type(column.type);
    settle_default(column);
    column.null_written = false;
    if (column.versioned == true && table.options.system_versioning) column.versioned.reset();
    if (column.auto_increment) column.nullable = false;
    if (column.row_period != Column::RowPeriod::None) column.nullable = false;
  }
  name_indexes(table);
  settle_indexes(table);
  settle_foreign_keys(table, schema);
  name_checks(table, target);
  settle_partitioning(table);
  sort_all(table);
}

void canonicalise(Schema& schema, const Target& target, const CompareOptions& how) {
  for (auto& [name, table] : schema.tables) canonicalise(table, schema, target);
  const auto definer = [&](auto& object) {
    if (!how.definer) object.definer.clear();
    // The modes are part of what a program does; its character sets only of how it is read.
    object.context = {.sql_mode = normal_modes(object.context.sql_mode)};
  };
  for (auto& [name, view] : schema.views) {
    definer(view);
    if (view.security == "DEFINER") view.security.clear();
  }
  for (auto* map : {&schema.procedures, &schema.functions, &schema.packages}) {
    for (auto& [name, routine] : *map) definer(routine);
  }
  for (auto& [name, trigger] : schema.triggers) definer(trigger);
  for (auto& [name, event] : schema.events) definer(event), event.time_zone.clear();
  for (auto& [name, sequence] : schema.sequences) {
    const bool up = sequence.increment.value_or(1) >= 0;
    if (!sequence.increment) sequence.increment = 1;
    if (!sequence.minimum) sequence.minimum = up ? 1 : -INT64_MAX;
    if (!sequence.maximum) sequence.maximum = up ? INT64_MAX - 1 : -1;
    if (!sequence.start) sequence.start = up ? sequence.minimum : sequence.maximum;
    if (!sequence.cache) sequence.cache = 1000;
    if (sequence.engine.empty()) sequence.engine = "InnoDB";
  }
}

}  // namespace sluice::schema
