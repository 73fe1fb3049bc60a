// PARTITION BY (manual 15.1.24, partition_options).
#include "parser/schema/print.h"
#include "parser/schema/read.h"

namespace sluice::schema {
namespace {

// MariaDB: PARTITION BY SYSTEM_TIME [INTERVAL … | LIMIT n] [STARTS …] [AUTO] [PARTITIONS n]
void read_system_time(Cursor& in, PartitionBy& by) {
  const auto from = in.position();
  while (!in.done() && !in.is("(") && !in.is("PARTITIONS") && !in.is("SUBPARTITION")) in.skip();
  by.interval = in.slice(from, in.position());
}

PartitionBy read_by(Cursor& in, std::string_view counter) {
  PartitionBy by;
  const std::string linear = in.accept("LINEAR") ? "LINEAR " : "";
  by.method = in.word();
  if (by.method == "KEY" && in.accept("ALGORITHM")) {
    in.expect("=");
    by.key_algorithm = std::to_string(in.number());
  }
  if ((by.method == "RANGE" || by.method == "LIST") && in.accept("COLUMNS"))
    by.method += " COLUMNS";
  by.method = linear + by.method;
  if (by.method == "SYSTEM_TIME") {
    read_system_time(in, by);
  } else {
    by.sql = in.parenthesised();
  }
  if (in.accept(counter)) by.count = static_cast<std::uint32_t>(in.number());
  return by;
}

void read_partition_options(Cursor& in, Options& options) {
  TableOptions found;
  while (!in.failed() && read_table_option(in, found)) {
  }
  options = std::move(found.other);
  if (!found.engine.empty()) options["ENGINE"] = found.engine;
  if (!found.comment.empty()) options["COMMENT"] = quote_text(found.comment);
}

Partition read_partition(Cursor& in) {
  Partition part;
  part.name = in.identifier();
  if (in.accept("VALUES LESS THAN")) {
    if (in.accept("MAXVALUE"))
      part.values = "MAXVALUE";
    else
      part.values = in.parenthesised();
    if (same_name(part.values, "maxvalue")) part.values = "MAXVALUE";
  } else if (in.accept("VALUES IN")) {
    part.values = in.parenthesised();
  } else if (in.accept("VALUES")) {
    part.values = in.parenthesised();
  } else if (in.accept("DEFAULT")) {
    part.values = "DEFAULT";
  } else if (in.accept("HISTORY")) {
    part.values = "HISTORY";
  } else if (in.accept("CURRENT")) {
    part.values = "CURRENT";
  }
  read_partition_options(in, part.options);
  if (in.accept("(")) {
    do {
      Partition sub;
      in.expect("SUBPARTITION");
      sub.name = in.identifier();
      read_partition_options(in, sub.options);
      part.subpartitions.push_back(std::move(sub));
    } while (in.accept(","));
    in.expect(")");
  }
  return part;
}

}  // namespace

std::vector<Partition> read_partitions(Cursor& in) {
  std::vector<Partition> parts;
  in.expect("(");
  do {
    in.expect("PARTITION");
    parts.push_back(read_partition(in));
  } while (in.accept(","));
  in.expect(")");
  return parts;
}

Partitioning read_partitioning(Cursor& in) {
  Partitioning out;
  in.expect("PARTITION BY");
  out.by = read_by(in, "PARTITIONS");
  if (in.accept("SUBPARTITION BY")) out.sub = read_by(in, "SUBPARTITIONS");
  if (in.is("(")) out.partitions = read_partitions(in);
  return out;
}

}  // namespace sluice::schema
