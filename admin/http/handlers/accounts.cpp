// MySQL logins at the proxy. A change acts before it is answered (Services::data_path).
#include "admin/http/handlers/handlers.h"

namespace sluice::http {
namespace {

using policy::AccountKind;

constexpr TextRule kAccountName{1, 80, false};
constexpr TextRule kAccountPassword{store::kMinPassword, store::kMaxAccountPassword, true};
constexpr TextRule kDatabaseName{1, 256, false};  // 64 characters of at most 4 bytes
constexpr std::size_t kMaxListed = 1000;          // instances or databases of one account

std::string_view word(AccountKind kind) {
  return kind == AccountKind::kHuman ? "human" : "service";
}

std::optional<AccountKind> parse_kind(std::string_view text) {
  if (text == "service") return AccountKind::kService;
  if (text == "human") return AccountKind::kHuman;
  return std::nullopt;
}

json::object to_json(const store::AccountEntry& account) {
  json::object shown{{"id", account.id},
                     {"name", account.name},
                     {"kind", word(account.kind)},
                     {"user", nullptr},
                     {"instances", nullptr},
                     {"databases", nullptr},
                     {"require_tls", account.require_tls},
                     {"may_replicate", account.may_replicate},
                     {"may_break_glass", account.may_break_glass},
                     {"disabled", account.disabled},
                     {"created_at", to_text(account.created_at)}};
  if (account.user != 0) shown["user"] = account.user;
  if (!account.all_instances) shown["instances"] = json::value_from(account.instances);
  if (!account.databases.empty()) shown["databases"] = json::value_from(account.databases);
  return shown;
}

// Ids or names of instances that MySQL clients can reach; null: all.
void read_instances(Call& call, Body& body, store::AccountEntry& account) {
  const auto* value = body.raw("instances");
  if (value == nullptr) return;
  const auto* list = value->if_array();
  if (list == nullptr || list->empty() || list->size() > kMaxListed) {
    body.fault("instances",
               "expected a list of instances, the default one first; leave it out, or "
               "send null, for all of them");
    return;
  }
  const auto known = call.store().instances();
  account.all_instances = false;
  account.instances.clear();
  for (const auto& item : *list) {
    const auto found = std::ranges::find_if(*known, [&](const store::Instance& instance) {
      if (item.is_string()) return instance.name == std::string_view(item.get_string());
      return item.is_int64() && instance.id == item.get_int64();
    });
    if (found == known->end() || found->engine != "mysql") {
      body.fault("instances", "there is no MySQL instance " + json::serialize(item));
    } else if (std::ranges::find(account.instances, found->id) != account.instances.end()) {
      body.fault("instances", json::serialize(item) + " is named twice");
    } else {
      account.instances.push_back(found->id);
    }
  }
}

void read_databases(Body& body, store::AccountEntry& account) {
  const auto names = body.maybe_texts("databases", kDatabaseName);
  if (!names) return;
  if (names->empty() || names->size() > kMaxListed) {
    body.fault("databases",
               "expected a list of database names; leave it out, or send null, for all of them");
  }
  account.databases = *names;
}

void read_fields(Call& call, Body& body, store::AccountEntry& account) {
  if (auto name = body.maybe_text("name", kAccountName)) {
    // A login names the account and the instance with an '@' between them.
    if (name->find('@') != std::string::npos) body.fault("name", "must not hold '@'");
    if (call.services().data_path.has_fixed_account(*name)) {
      body.fault("name", "the configuration file has an account of that name");
    }
    account.name = std::move(*name);
  }
  if (const auto kind = body.maybe_choice("kind", parse_kind, "service, human")) {
    account.kind = *kind;
    if (*kind == AccountKind::kService) account.user = 0;
  }
  if (const auto user = body.maybe_integer("user", 1, std::numeric_limits<std::int64_t>::max())) {
    account.user = *user;
  }
  if ((account.kind == AccountKind::kHuman) != (account.user != 0)) {
    body.fault("user", account.user == 0 ? "is required: a human's account belongs to a person"
                                         : "a service's account belongs to nobody");
  }
  read_instances(call, body, account);
  read_databases(body, account);
  if (const auto flag = body.maybe_flag("require_tls")) account.require_tls = *flag;
  if (const auto flag = body.maybe_flag("may_replicate")) account.may_replicate = *flag;
  if (const auto flag = body.maybe_flag("may_break_glass")) account.may_break_glass = *flag;
  if (const auto flag = body.maybe_flag("disabled")) account.disabled = *flag;
}

// The verifier of the password, when there is one.
struct NewVerifier {
  std::optional<std::string> password;
  bool native = false;
  [[nodiscard]] std::optional<policy::Verifier> make(Call& call) const {
    if (!password) return std::nullopt;
    return call.services().data_path.make_verifier(*password, native);
  }
};

NewVerifier read_password(Body& body) {
  NewVerifier made;
  made.password = body.maybe_text("password", kAccountPassword);
  const auto plugin = body.maybe_text("plugin");
  if (!plugin) return made;
  made.native = *plugin == "mysql_native_password";
  if (!made.native && *plugin != "caching_sha2_password") {
    body.fault("plugin", "expected one of caching_sha2_password, mysql_native_password");
  }
  if (!body.has("password")) body.fault("plugin", "needs the password beside it");
  return made;
}

Response account_problem(const store::Fault& fault) {
  if (fault.kind == store::Failure::kReference) {
    return problem(400, "Some fields cannot be used; see `errors`.",
                   {{"user", "there is no such user"}});
  }
  if (fault.kind == store::Failure::kConflict) {
    return problem(409, "There is an account with that name already; choose another.",
                   {{"name", "is taken"}});
  }
  return problem(fault);
}

Response list_accounts(Call& call) {
  const auto [page, bad] = read_page(call.request());
  if (bad) return *bad;
  const auto rows = call.store().accounts().list(page.after, page.limit + 1);
  if (!rows) return problem(rows.error());
  return list_more(*rows, page, [](const auto& account) { return to_json(account); });
}

Response get_account(Call& call) {
  const auto found = call.store().accounts().get(call.id());
  if (!found) return problem(found.error());
  return answer(200, to_json(*found));
}

Response create_account(Call& call) {
  Body body(call.request());
  for (const auto* field : {"name", "password", "kind"}) {
    if (!body.has(field)) body.missing(field);
  }
  store::AccountEntry account;
  account.all_instances = true;
  read_fields(call, body, account);
  const auto verifier = read_password(body);
  if (auto bad = body.problem()) return *bad;
  const auto made =
      call.store().accounts().create(account, verifier.make(call).value(), call.now());
  if (!made) return account_problem(made.error());
  call.services().events.publish({"account", made->id, 0, "created"});
  return with_data_path(
      call, call.created("/api/v1/accounts/" + std::to_string(made->id), to_json(*made)));
}

Response change_account(Call& call) {
  auto found = call.store().accounts().get(call.id());
  if (!found) return problem(found.error());
  Body body(call.request());
  // null is a value here: it widens to all.
  const auto widens = [&](std::string_view field) {
    boost::system::error_code fault;
    const auto whole = json::parse(call.request().body, fault);
    const auto* object = whole.if_object();
    const auto* value = object == nullptr ? nullptr : object->if_contains(field);
    return value != nullptr && value->is_null();
  };
  if (widens("instances")) {
    found->all_instances = true;
    found->instances.clear();
  }
  if (widens("databases")) found->databases.clear();
  read_fields(call, body, *found);
  const auto verifier = read_password(body);
  if (auto bad = body.problem()) return *bad;
  if (verifier.password) call.set_detail("with a new password");
  const auto changed = call.store().accounts().update(*found, verifier.make(call));
  if (!changed) return account_problem(changed.error());
  call.services().events.publish({"account", changed->id, 0, "updated"});
  return with_data_path(call, answer(200, to_json(*changed)));
}

Response delete_account(Call& call) {
  const auto found = call.store().accounts().get(call.id());
  if (!found) return problem(found.error());
  const auto done = call.store().accounts().remove(found->id);
  if (!done) return problem(done.error());
  call.set_detail("account " + found->name);
  call.services().events.publish({"account", found->id, 0, "deleted"});
  return with_data_path(call, no_content());
}

constexpr auto kManage = policy::Action::kManageAccounts;
constexpr ApiRoute kRoutes[] = {
    {"GET", "/api/v1/accounts", "accounts.list", workspace(kManage), list_accounts},
    {"POST", "/api/v1/accounts", "accounts.create", workspace(kManage), create_account},
    {"GET", "/api/v1/accounts/{id}", "accounts.get", workspace(kManage), get_account},
    {"PATCH", "/api/v1/accounts/{id}", "accounts.change", workspace(kManage), change_account},
    {"DELETE", "/api/v1/accounts/{id}", "accounts.delete", workspace(kManage), delete_account},
};

}  // namespace

std::span<const ApiRoute> account_routes() {
  return kRoutes;
}

}  // namespace sluice::http
