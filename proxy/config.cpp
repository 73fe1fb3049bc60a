#include "proxy/config.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

namespace sluice::proxy {
namespace {

// A configuration longer than this is another file.
constexpr std::size_t kMaxFile = 16U << 20;

constexpr std::string_view kRecords[] = {"listener", "instance", "account"};
// Variables that are Sluice's but no settings of `serve`.
constexpr std::string_view kOtherVariables[] = {"SLUICE_CONFIG", "SLUICE_PASSWORD"};

const Field<Config>* find_setting(std::string_view key) {
  const auto found = std::ranges::find(settings(), key, &Field<Config>::key);
  return found == settings().end() ? nullptr : &*found;
}

bool is_section(std::string_view key) {
  const std::string prefix = std::string(key) + '.';
  return std::ranges::any_of(settings(),
                             [&](const auto& row) { return row.key.starts_with(prefix); });
}

// What could stand where `key` stands: the keys of that section, in one word each.
std::vector<std::string> known_beside(std::string_view section) {
  std::set<std::string> words;
  const std::string prefix = section.empty() ? "" : std::string(section) + '.';
  for (const auto& row : settings()) {
    if (!row.key.starts_with(prefix)) continue;
    const std::string rest = row.key.substr(prefix.size());
    words.insert(rest.substr(0, rest.find('.')));
  }
  if (section.empty()) words.insert(std::begin(kRecords), std::end(kRecords));
  return {words.begin(), words.end()};
}

void put(const Field<Config>& row, const boost::system::result<Scalar, Sentence>& shaped,
         const std::string& at, Config& config, Faults& faults) {
  if (!shaped) {
    faults.push_back(at + shaped.error().text);
  } else if (auto refusal = row.put(config, *shaped)) {
    faults.push_back(at + *refusal);
  }
}

void read_section(const Node::Table& table, const std::string& section, Config& config,
                  Faults& faults) {
  for (const auto& [word, node] : table) {
    const std::string key = section.empty() ? word : section + '.' + word;
    if (section.empty() && std::ranges::find(kRecords, word) != std::end(kRecords)) continue;
    const std::string at = node.key_origin.text + ": " + key + ": ";
    if (const auto* row = find_setting(key)) {
      put(*row, shape_node(row->shape, node), at, config, faults);
    } else if (is_section(key)) {
      if (const auto* inner = std::get_if<Node::Table>(&node.value)) {
        read_section(*inner, key, config, faults);
      } else {
        faults.push_back(at + "expected a table, found " + std::string(node.type_name()));
      }
    } else {
      const auto near = nearest(word, known_beside(section));
      faults.push_back(at + "unknown key" +
                       (near ? "; the nearest known key is '" + *near + "'" : ""));
    }
  }
}

void read_environment(const cli::Environment& environment, Config& config, Faults& faults) {
  std::set<std::string> known(std::begin(kOtherVariables), std::end(kOtherVariables));
  for (const auto& row : settings()) {
    const std::string variable = variable_of(row.key);
    known.insert(variable);
    const auto found = environment.find(variable);
    if (found == environment.end()) continue;
    put(row, shape_text(row.shape, found->second), "environment variable " + variable + ": ",
        config, faults);
  }
  const std::vector<std::string> names(known.begin(), known.end());
  for (auto entry = environment.lower_bound("SLUICE_");
       entry != environment.end() && entry->first.starts_with("SLUICE_"); ++entry) {
    if (known.contains(entry->first)) continue;
    // Not a fault: other programs of an installation may use the prefix for their own.
    const auto near = nearest(entry->first, names);
    if (near) {
      config.warnings.push_back("environment variable " + entry->first +
                                ": no setting; the nearest is " + *near);
    }
  }
}

void read_flags(std::span<const FlagValue> flags, Config& config, Faults& faults) {
  for (const auto& flag : flags) {
    const auto* row = find_setting(flag.key);
    if (row == nullptr) {
      faults.push_back(flag.flag + ": there is no setting '" + flag.key + "'");
      continue;
    }
    put(*row, shape_text(row->shape, flag.value), flag.flag + ": ", config, faults);
  }
}

void check_together(const std::string& name, Config& config, Faults& faults) {
  const auto& tls = config.proxy.tls;
  if (tls.certificate_file.empty() != tls.key_file.empty()) {
    faults.push_back(name + ": mysql.tls: expected certificate and key together");
  }
  if (config.admin.certificate_file.empty() != config.admin.key_file.empty()) {
    faults.push_back(name + ": admin.tls: expected certificate and key together");
  }
  const auto has = [&](const std::string& instance) {
    return std::ranges::find(config.proxy.instances, instance, &backend::InstanceConfig::name) !=
           config.proxy.instances.end();
  };
  std::vector<std::string> names;
  for (const auto& instance : config.proxy.instances) names.push_back(instance.name);
  const auto require = [&](const std::string& who, const std::string& instance) {
    if (has(instance)) return;
    const auto near = nearest(instance, names);
    faults.push_back(name + ": " + who + ": there is no instance '" + instance + "'" +
                     (near ? "; the nearest is '" + *near + "'" : ""));
  };
  if (!config.proxy.default_instance.empty()) {
    require("mysql.default_instance", config.proxy.default_instance);
  }
  for (const auto& listen : config.proxy.listen) {
    if (!listen.instance.empty()) require("listener", listen.instance);
  }
  for (const auto& account : config.accounts) {
    for (const auto& instance : account.instances) require("account " + account.name, instance);
  }
  if (config.proxy.listen.empty()) config.proxy.listen.emplace_back();
}

}  // namespace

boost::system::result<Config, Faults> read_config(std::string_view toml, std::string_view name,
                                                  std::span<const FlagValue> flags,
                                                  const cli::Environment& environment) {
  const auto tree = parse_toml(toml, name);
  if (!tree) return tree.error();
  Config config;
  Faults faults;
  const auto& root = std::get<Node::Table>(tree->value);
  // Records first: mysql.listen, from wherever it comes, replaces the listeners.
  if (const auto found = root.find("listener"); found != root.end()) {
    read_listeners(found->second, config, faults);
  }
  if (const auto found = root.find("instance"); found != root.end()) {
    read_instances(found->second, environment, config, faults);
  }
  if (const auto found = root.find("account"); found != root.end()) {
    read_accounts(found->second, environment, config, faults);
  }
  read_section(root, "", config, faults);
  read_environment(environment, config, faults);
  read_flags(flags, config, faults);
  check_together(std::string(name), config, faults);
  if (!faults.empty()) return faults;
  return config;
}

boost::system::result<Config, Faults> load_config(std::string file,
                                                  std::span<const FlagValue> flags,
                                                  const cli::Environment& environment) {
  if (file.empty()) {
    if (const auto found = environment.find("SLUICE_CONFIG"); found != environment.end()) {
      file = found->second;
    }
  }
  std::string text;
  if (!file.empty()) {
    std::ifstream in(file, std::ios::binary);
    text.assign(std::istreambuf_iterator<char>(in), {});
    if (!in.is_open() || in.bad()) {
      return Faults{file + ": expected a configuration file that can be read"};
    }
    if (text.size() > kMaxFile) {
      return Faults{file + ": expected at most " + std::to_string(kMaxFile) + " bytes"};
    }
  }
  auto config = read_config(text, file.empty() ? "sluice.toml" : file, flags, environment);
  if (config) config->file = file;
  return config;
}

}  // namespace sluice::proxy
