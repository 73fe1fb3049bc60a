// Environments, projects with their members, and instances.
#include "admin/store/store_rows.h"

namespace sluice::store {
namespace {

constexpr std::string_view kEnvironment =
    " id, name, position, approval, project_owner_may_approve, allow_self_approval, gate, "
    "drift_interval_seconds, review, rollback, drift ";
constexpr std::string_view kProject = " id, name, key, mode ";
constexpr std::string_view kInstance =
    " id, name, engine, environment_id, host, port, username, tls_mode, tls_ca, tls_cert ";

Environment read_environment(const Row& row) {
  Environment environment;
  environment.id = integer(row.at(0));
  environment.name = text(row.at(1));
  environment.position = integer(row.at(2));
  environment.rules = {policy::parse_approval(text(row.at(3))).value(), integer(row.at(4)) != 0,
                       integer(row.at(5)) != 0};
  environment.gate = text(row.at(6));
  environment.drift_interval_seconds = integer(row.at(7));
  environment.review = text(row.at(8));
  environment.rollback = text(row.at(9));
  environment.drift = text(row.at(10));
  return environment;
}

Project read_project(const Row& row) {
  return {integer(row.at(0)), text(row.at(1)), text(row.at(2)), text(row.at(3)) == "tenant"};
}

std::string mode_of(const Project& project) {
  return project.tenant ? "tenant" : "standard";
}

Instance read_instance(const Row& row) {
  return {integer(row.at(0)), text(row.at(1)),    text(row.at(2)), integer(row.at(3)),
          text(row.at(4)),    integer(row.at(5)), text(row.at(6)), text(row.at(7)),
          text(row.at(8)),    text(row.at(9))};
}

template <class Value, class Read>
Result<Value> one(Result<Row> row, Read read) {
  if (!row) return row.error();
  return read(*row);
}

Result<void> nothing(const Result<Row>& row) {
  if (!row) return row.error();
  return {};
}

}  // namespace

Result<std::vector<Environment>> Store::environments() {
  const std::lock_guard lock(mutex_);
  return read_all<Environment>(run(*database_, "SELECT" + std::string(kEnvironment) +
                                                   "FROM environments ORDER BY position, id"),
                               read_environment);
}

Result<Environment> Store::environment(Id id) {
  const std::lock_guard lock(mutex_);
  return one<Environment>(
      run_one(*database_, "SELECT" + std::string(kEnvironment) + "FROM environments WHERE id = $1",
              {id}),
      read_environment);
}

Result<Environment> Store::create_environment(const Environment& environment) {
  const std::lock_guard lock(mutex_);
  const auto& rules = environment.rules;
  return one<Environment>(
      run_one(
          *database_,
          "INSERT INTO environments (name, position, approval, project_owner_may_approve, "
          "allow_self_approval, gate, drift_interval_seconds, review, rollback, drift) VALUES ($1, "
          "$2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING" +
              std::string(kEnvironment),
          {environment.name, environment.position, std::string(policy::name(rules.approval)),
           flag(rules.project_owner_may_approve), flag(rules.allow_self_approval), environment.gate,
           environment.drift_interval_seconds, environment.review, environment.rollback,
           environment.drift}),
      read_environment);
}

Result<Environment> Store::update_environment(const Environment& environment) {
  const std::lock_guard lock(mutex_);
  const auto& rules = environment.rules;
  return one<Environment>(
      run_one(
          *database_,
          "UPDATE environments SET name = $2, position = $3, approval = $4, "
          "project_owner_may_approve = $5, allow_self_approval = $6, gate = $7, "
          "drift_interval_seconds = $8, review = $9, rollback = $10, drift = $11 WHERE id = $1 "
          "RETURNING" +
              std::string(kEnvironment),
          {environment.id, environment.name, environment.position,
           std::string(policy::name(rules.approval)), flag(rules.project_owner_may_approve),
           flag(rules.allow_self_approval), environment.gate, environment.drift_interval_seconds,
           environment.review, environment.rollback, environment.drift}),
      read_environment);
}

Result<std::vector<Project>> Store::projects() {
  const std::lock_guard lock(mutex_);
  return read_all<Project>(
      run(*database_, "SELECT" + std::string(kProject) + "FROM projects ORDER BY id"),
      read_project);
}

Result<Project> Store::project(Id id) {
  const std::lock_guard lock(mutex_);
  return one<Project>(
      run_one(*database_, "SELECT" + std::string(kProject) + "FROM projects WHERE id = $1", {id}),
      read_project);
}

Result<Project> Store::create_project(const Project& project) {
  const std::lock_guard lock(mutex_);
  return one<Project>(
      run_one(*database_,
              "INSERT INTO projects (name, key, mode) VALUES ($1, $2, $3) RETURNING" +
                  std::string(kProject),
              {project.name, project.key, mode_of(project)}),
      read_project);
}

Result<Project> Store::update_project(const Project& project) {
  const std::lock_guard lock(mutex_);
  return one<Project>(
      run_one(*database_,
              "UPDATE projects SET name = $2, key = $3, mode = $4 WHERE id = $1 RETURNING" +
                  std::string(kProject),
              {project.id, project.name, project.key, mode_of(project)}),
      read_project);
}

Result<void> Store::delete_project(Id id) {
  const std::lock_guard lock(mutex_);
  return nothing(run_one(*database_, "DELETE FROM projects WHERE id = $1 RETURNING id", {id}));
}

Result<std::vector<Member>> Store::members(Id project) {
  const std::lock_guard lock(mutex_);
  return read_all<Member>(
      run(*database_, "SELECT user_id, role FROM members WHERE project_id = $1 ORDER BY user_id",
          {project}),
      [](const Row& row) {
        return Member{integer(row.at(0)), policy::parse_project_role(text(row.at(1))).value()};
      });
}

Result<policy::ProjectRole> Store::member_role(Id project, Id user) {
  const std::lock_guard lock(mutex_);
  const auto rows =
      run(*database_, "SELECT role FROM members WHERE project_id = $1 AND user_id = $2",
          {project, user});
  if (!rows) return rows.error();
  if (rows->rows.empty()) return policy::ProjectRole::kNone;
  return policy::parse_project_role(text(rows->rows.front().at(0))).value();
}

Result<std::vector<std::pair<Id, policy::ProjectRole>>> Store::memberships(Id user) {
  using Membership = std::pair<Id, policy::ProjectRole>;
  const std::lock_guard lock(mutex_);
  return read_all<Membership>(
      run(*database_, "SELECT project_id, role FROM members WHERE user_id = $1 ORDER BY project_id",
          {user}),
      [](const Row& row) {
        return Membership(integer(row.at(0)), policy::parse_project_role(text(row.at(1))).value());
      });
}

Result<void> Store::set_member(Id project, const Member& member) {
  const std::lock_guard lock(mutex_);
  return nothing(
      run_one(*database_,
              "INSERT INTO members (project_id, user_id, role) VALUES ($1, $2, $3) ON CONFLICT "
              "(project_id, user_id) DO UPDATE SET role = excluded.role RETURNING user_id",
              {project, member.user, std::string(policy::name(member.role))}));
}

Result<void> Store::remove_member(Id project, Id user) {
  const std::lock_guard lock(mutex_);
  return nothing(run_one(
      *database_, "DELETE FROM members WHERE project_id = $1 AND user_id = $2 RETURNING user_id",
      {project, user}));
}

Result<std::vector<Instance>> Store::instances() {
  const std::lock_guard lock(mutex_);
  return read_all<Instance>(
      run(*database_, "SELECT" + std::string(kInstance) + "FROM instances ORDER BY id"),
      read_instance);
}

Result<Instance> Store::instance(Id id) {
  const std::lock_guard lock(mutex_);
  return one<Instance>(
      run_one(*database_, "SELECT" + std::string(kInstance) + "FROM instances WHERE id = $1", {id}),
      read_instance);
}

Result<Instance> Store::create_instance(const Instance& instance, const InstanceSecrets& secrets) {
  const std::lock_guard lock(mutex_);
  return one<Instance>(
      run_one(*database_,
              "INSERT INTO instances (name, engine, environment_id, host, port, username, "
              "tls_mode, tls_ca, tls_cert, sealed_password, sealed_tls_key) VALUES ($1, $2, $3, "
              "$4, $5, $6, $7, $8, $9, $10, $11) RETURNING" +
                  std::string(kInstance),
              {instance.name, instance.engine, instance.environment, instance.host, instance.port,
               instance.username, instance.tls_mode, instance.tls_ca, instance.tls_cert,
               sealer_->seal(secrets.password), sealer_->seal(secrets.tls_key)}),
      read_instance);
}

Result<Instance> Store::update_instance(const Instance& instance,
                                        const std::optional<InstanceSecrets>& secrets) {
  const std::lock_guard lock(mutex_);
  const Cell none;
  return one<Instance>(
      run_one(*database_,
              "UPDATE instances SET name = $2, engine = $3, environment_id = $4, host = $5, port = "
              "$6, username = $7, tls_mode = $8, tls_ca = $9, tls_cert = $10, sealed_password = "
              "COALESCE($11, sealed_password), sealed_tls_key = COALESCE($12, sealed_tls_key) "
              "WHERE id = $1 RETURNING" +
                  std::string(kInstance),
              {instance.id, instance.name, instance.engine, instance.environment, instance.host,
               instance.port, instance.username, instance.tls_mode, instance.tls_ca,
               instance.tls_cert, secrets ? Cell(sealer_->seal(secrets->password)) : none,
               secrets ? Cell(sealer_->seal(secrets->tls_key)) : none}),
      read_instance);
}

Result<InstanceSecrets> Store::instance_secrets(Id id) {
  const std::lock_guard lock(mutex_);
  const auto row = run_one(
      *database_, "SELECT sealed_password, sealed_tls_key FROM instances WHERE id = $1", {id});
  if (!row) return row.error();
  auto password = sealer_->open(text(row->at(0)));
  if (!password) return password.error();
  auto key = sealer_->open(text(row->at(1)));
  if (!key) return key.error();
  return InstanceSecrets{std::move(*password), std::move(*key)};
}

Result<void> Store::delete_instance(Id id) {
  const std::lock_guard lock(mutex_);
  Transaction transaction(*database_);
  if (!transaction.begun()) return transaction.begun();
  const auto running =
      run(*database_, "SELECT id FROM tasks WHERE instance_id = $1 AND status = 'running' LIMIT 1",
          {id});
  if (!running) return running.error();
  if (!running->rows.empty()) {
    return Fault{Failure::kRefused, "task " + std::to_string(integer(running->rows[0].at(0))) +
                                        " runs on it: cancel it, or wait for its end"};
  }
  const auto gone =
      nothing(run_one(*database_, "DELETE FROM instances WHERE id = $1 RETURNING id", {id}));
  if (!gone) return gone;
  return transaction.commit();
}

}  // namespace sluice::store
