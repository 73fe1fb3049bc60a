// Database servers of the workspace. Syncing one is databases.cpp's.
#include "admin/change/target.h"
#include "admin/http/handlers/handlers.h"

namespace sluice::http {
namespace {

constexpr std::string_view kTlsModes[] = {"disabled", "preferred", "required", "verify_ca",
                                          "verify_identity"};
constexpr TextRule kPem{0, kMaxText, true};
constexpr TextRule kServerPassword{0, store::kMaxPassword, true};

json::object to_json(Call& call, const store::Instance& instance) {
  json::object shown{
      {"id", instance.id},
      {"name", instance.name},
      {"engine", instance.engine},
      {"environment", instance.environment},
      {"host", instance.host},
      {"port", instance.port},
      {"username", instance.username},
      {"tls", {{"mode", instance.tls_mode}, {"ca", instance.tls_ca}, {"cert", instance.tls_cert}}}};
  const auto state = call.services().data_path.instance_state(instance.name);
  if (state) {
    shown["state"] = {{"up", state->up}, {"version", state->version}};
  } else {
    shown["state"] = nullptr;
  }
  return shown;
}

bool is_host(std::string_view text) {
  return text.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
             ".-_:%") == std::string_view::npos;
}

void read_tls(Body& body, store::Instance& instance, std::optional<std::string>& key) {
  auto tls = body.maybe_object("tls");
  if (!tls) return;
  if (auto mode = tls->maybe_text("mode")) {
    if (std::ranges::find(kTlsModes, *mode) == std::end(kTlsModes)) {
      tls->fault("mode",
                 "expected one of disabled, preferred, required, verify_ca, verify_identity");
    }
    instance.tls_mode = std::move(*mode);
  }
  if (auto ca = tls->maybe_text("ca", kPem)) instance.tls_ca = std::move(*ca);
  if (auto cert = tls->maybe_text("cert", kPem)) instance.tls_cert = std::move(*cert);
  key = tls->maybe_text("key", kPem);
  body.take("tls", *tls);
}

struct Secrets {
  std::optional<std::string> password;
  std::optional<std::string> tls_key;
};

Secrets read_fields(Call& call, Body& body, store::Instance& instance) {
  if (auto name = body.maybe_text("name")) {
    // A login names the account and the instance with an '@' between them.
    if (name->find('@') != std::string::npos) body.fault("name", "must not hold '@'");
    if (call.services().data_path.has_fixed_instance(*name)) {
      body.fault("name", "the configuration file has an instance of that name");
    }
    instance.name = std::move(*name);
  }
  const auto environment = body.maybe_reference("environment", [&](std::string_view name) {
    const auto all = call.store().environments();
    if (!all) return store::Id{0};
    const auto found = std::ranges::find(*all, name, &store::Environment::name);
    return found == all->end() ? store::Id{0} : found->id;
  });
  if (environment) instance.environment = *environment;
  if (auto host = body.maybe_text("host", {1, 255, false})) {
    if (!is_host(*host)) body.fault("host", "expected a host name or an address, without a port");
    instance.host = std::move(*host);
  }
  if (const auto port = body.maybe_integer("port", 1, 65535)) instance.port = *port;
  if (auto username = body.maybe_text("username")) instance.username = std::move(*username);
  Secrets secrets;
  secrets.password = body.maybe_text("password", kServerPassword);
  read_tls(body, instance, secrets.tls_key);
  return secrets;
}

// Said of what the store can only refuse as a whole.
Response instance_problem(const store::Fault& fault) {
  if (fault.kind == store::Failure::kReference) {
    return problem(400, "Some fields cannot be used; see `errors`.",
                   {{"environment", "there is no such environment"}});
  }
  if (fault.kind == store::Failure::kConflict) {
    return problem(409, "There is an instance with that name already; choose another.",
                   {{"name", "is taken"}});
  }
  return problem(fault);
}

std::optional<Response> tls_problem(Call& call, const store::Instance& instance,
                                    const store::InstanceSecrets& secrets) {
  const auto trouble = call.services().data_path.check_instance(instance, secrets);
  if (!trouble) return std::nullopt;
  return problem(400, "Some fields cannot be used; see `errors`.", {{"tls", *trouble}});
}

Response list_instances(Call& call) {
  const auto [page, bad] = read_page(call.request());
  if (bad) return *bad;
  const auto all = call.store().instances();
  if (!all) return problem(all.error());
  return list_page(*all, page, [&](const auto& instance) { return to_json(call, instance); });
}

Response get_instance(Call& call) {
  const auto found = call.store().instance(call.id());
  if (!found) return problem(found.error());
  return answer(200, to_json(call, *found));
}

Response create_instance(Call& call) {
  Body body(call.request());
  for (const auto* field : {"name", "engine", "environment", "host", "username"}) {
    if (!body.has(field)) body.missing(field);
  }
  store::Instance instance;
  instance.engine = body.maybe_text("engine").value_or("");
  if (body.has("engine") && instance.engine != "mysql" && instance.engine != "postgres") {
    body.fault("engine", "expected one of mysql, postgres");
  }
  instance.port = instance.engine == "postgres" ? 5432 : 3306;
  const auto secrets = read_fields(call, body, instance);
  if (auto bad = body.problem()) return *bad;
  const store::InstanceSecrets given{secrets.password.value_or(""), secrets.tls_key.value_or("")};
  if (auto bad = tls_problem(call, instance, given)) return *bad;
  const auto made = call.store().create_instance(instance, given);
  if (!made) return instance_problem(made.error());
  call.services().events.publish({"instance", made->id, 0, "created"});
  // First the data path, so that the answer has its state.
  const auto followed = with_data_path(call, no_content());
  auto response =
      call.created("/api/v1/instances/" + std::to_string(made->id), to_json(call, *made));
  response.headers.insert(response.headers.end(), followed.headers.begin(), followed.headers.end());
  return response;
}

// Whether a stored password may go where `asked` says: nowhere but where it was stored for. Whoever
// may manage instances would otherwise have it sent to a server of their own, or past the stored
// TLS settings, and read it.
bool same_place(const store::Instance& asked, const store::Instance& stored) {
  return asked.host == stored.host && asked.port == stored.port &&
         asked.tls_mode == stored.tls_mode && asked.tls_ca == stored.tls_ca;
}

constexpr const char* kPasswordAnew =
    "is required: the stored one is sent only to the stored host and port, with the stored TLS "
    "settings";

// What is tested with: what was sent, or the stored instance's.
std::optional<store::InstanceSecrets> test_secrets(Call& call, Body& body, const Secrets& given,
                                                   store::Instance& asked) {
  const auto id = body.maybe_integer("instance", 1, std::numeric_limits<std::int64_t>::max());
  if (!id || given.password) {
    return store::InstanceSecrets{given.password.value_or(""), given.tls_key.value_or("")};
  }
  const auto stored = call.store().instance(*id);
  const auto kept = call.store().instance_secrets(*id);
  if (!stored || !kept) {
    body.fault("instance", "there is no such instance");
    return std::nullopt;
  }
  // What is left out is as a change of the instance would leave it.
  if (!body.has("tls")) asked.tls_mode = stored->tls_mode;
  if (asked.tls_ca.empty()) asked.tls_ca = stored->tls_ca;
  if (asked.tls_cert.empty()) asked.tls_cert = stored->tls_cert;
  if (!same_place(asked, *stored)) body.fault("password", kPasswordAnew);
  return store::InstanceSecrets{kept->password, given.tls_key.value_or(kept->tls_key)};
}

// Nothing is stored; what a server that is not kept yet needs no name and no environment for.
Response test_instance(Call& call) {
  Body body(call.request());
  for (const auto* field : {"engine", "host", "username"}) {
    if (!body.has(field)) body.missing(field);
  }
  store::Instance instance;
  instance.engine = body.maybe_text("engine").value_or("");
  if (body.has("engine") && instance.engine != "mysql")
    body.fault("engine", "only mysql can be tested");
  const auto given = read_fields(call, body, instance);
  const auto secrets = test_secrets(call, body, given, instance);
  if (auto bad = body.problem()) return *bad;
  const auto options = change::control_options(instance, *secrets);
  if (!options) return problem(options.error());
  call.set_target(instance.host + ":" + std::to_string(instance.port));
  const auto report = change::check_instance(*options);
  return answer(200, {{"ok", report.ok},
                      {"version", report.version},
                      {"flavor", report.flavor},
                      {"findings", instance_findings_json(report.findings)}});
}

Response change_instance(Call& call) {
  auto found = call.store().instance(call.id());
  if (!found) return problem(found.error());
  Body body(call.request());
  const store::Instance stored = *found;
  const auto secrets = read_fields(call, body, *found);
  if (!secrets.password && !same_place(*found, stored)) body.fault("password", kPasswordAnew);
  if (auto bad = body.problem()) return *bad;
  const auto old = call.store().instance_secrets(found->id);
  if (!old) return problem(old.error());
  const store::InstanceSecrets fresh{secrets.password.value_or(old->password),
                                     secrets.tls_key.value_or(old->tls_key)};
  if (auto bad = tls_problem(call, *found, fresh)) return *bad;
  const bool new_secrets = secrets.password || secrets.tls_key;
  if (new_secrets) call.set_detail("with new secrets");
  const auto changed =
      call.store().update_instance(*found, new_secrets ? std::optional(fresh) : std::nullopt);
  if (!changed) return instance_problem(changed.error());
  call.services().events.publish({"instance", changed->id, 0, "updated"});
  return with_data_path(call, answer(200, to_json(call, *changed)));
}

Response delete_instance(Call& call) {
  const auto found = call.store().instance(call.id());
  if (!found) return problem(found.error());
  const auto done = call.store().delete_instance(found->id);
  if (!done) return problem(done.error());
  call.set_detail("instance " + found->name);
  call.services().events.publish({"instance", found->id, 0, "deleted"});
  return with_data_path(call, no_content());
}

constexpr auto kRead = policy::Action::kReadInstances;
constexpr auto kManage = policy::Action::kManageInstances;
constexpr ApiRoute kRoutes[] = {
    {"GET", "/api/v1/instances", "instances.list", workspace(kRead), list_instances},
    {"POST", "/api/v1/instances", "instances.create", workspace(kManage), create_instance},
    {"POST", "/api/v1/instances/test", "instances.test", workspace(kManage), test_instance,
     Lane::kSlow},
    {"GET", "/api/v1/instances/{id}", "instances.get", workspace(kRead), get_instance},
    {"PATCH", "/api/v1/instances/{id}", "instances.change", workspace(kManage), change_instance},
    {"DELETE", "/api/v1/instances/{id}", "instances.delete", workspace(kManage), delete_instance},
};

}  // namespace

std::span<const ApiRoute> instance_routes() {
  return kRoutes;
}

}  // namespace sluice::http
