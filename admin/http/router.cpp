#include "admin/http/router.h"

#include <cassert>
#include <utility>

#include <boost/url.hpp>

namespace sluice::http {
namespace {

namespace urls = boost::urls;

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> parts;
  std::size_t start = 0;
  while (start < path.size()) {
    const auto slash = path.find('/', start + 1);
    parts.push_back(path.substr(
        start + 1, slash == std::string_view::npos ? std::string_view::npos : slash - start - 1));
    start = slash == std::string_view::npos ? path.size() : slash;
  }
  return parts;
}

bool matches(std::string_view pattern, const urls::segments_view& segments,
             std::map<std::string, std::string, std::less<>>& params) {
  const auto parts = split(pattern);
  if (parts.size() != segments.size()) return false;
  std::size_t i = 0;
  for (const std::string segment : segments) {
    const std::string_view part = parts[i++];
    if (part.size() > 2 && part.front() == '{' && part.back() == '}') {
      if (segment.empty()) return false;
      params[std::string(part.substr(1, part.size() - 2))] = segment;
    } else if (part != segment) {
      return false;
    }
  }
  return true;
}

}  // namespace

// What a target and a method come to: a route, or the refusal.
struct Router::Match {
  const Route* route = nullptr;
  Response refusal;
};

Router::Router(std::vector<Route> routes, Observer observer, Handler pages)
    : routes_(std::move(routes)), observer_(std::move(observer)) {
  if (pages) pages_ = Route{"GET", "/{page}", std::move(pages), Lane::kInline};
#ifndef NDEBUG
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      assert((routes_[i].method != routes_[j].method || routes_[i].pattern != routes_[j].pattern) &&
             "two routes of one method and pattern: the second would never run");
    }
  }
#endif
}

Router::Match Router::match(std::string_view target, Request& request) const {
  const auto url = urls::parse_origin_form(target);
  if (!url) {
    return {nullptr, problem(400, "The request's target is not a path with an optional query.")};
  }
  const auto path = url->encoded_path();
  request.path.assign(path.data(), path.size());
  for (const auto& param : url->params()) request.query[param.key] = param.value;
  std::string allow;
  const Route* found = nullptr;
  for (const Route& route : routes_) {
    std::map<std::string, std::string, std::less<>> params;
    if (!matches(route.pattern, url->segments(), params)) continue;
    if (route.method == request.method) {
      // A fixed segment goes before a {named} one: /instances/test is no instance.
      if (found != nullptr && params.size() >= request.params.size()) continue;
      found = &route;
      request.params = std::move(params);
      continue;
    }
    if (!allow.empty()) allow += ", ";
    allow += route.method;
  }
  if (found != nullptr) return {found, {}};
  if (allow.empty() && pages_ && request.method == "GET" && !request.path.starts_with("/api/")) {
    return {&*pages_, {}};
  }
  if (allow.empty()) {
    return {nullptr, problem(404, "There is nothing at this path; see /api/openapi.yaml.")};
  }
  auto refusal = problem(405, "This path takes " + allow + ".");
  refusal.headers.emplace_back("Allow", allow);
  return {nullptr, std::move(refusal)};
}

Lane Router::lane(std::string_view target, std::string_view method) const {
  Request request;
  request.method = method;
  const auto found = match(target, request);
  return found.route == nullptr ? Lane::kInline : found.route->lane;
}

Response Router::run(const Match& match, const Request& request) const {
  return match.route == nullptr ? match.refusal : match.route->handler(request);
}

Response Router::route(std::string_view target, Request request) const {
  const auto began = std::chrono::steady_clock::now();
  const Match found = match(target, request);
  const auto pattern =
      found.route == nullptr ? std::string_view() : std::string_view(found.route->pattern);
  const auto observe = [&](unsigned status) {
    if (!observer_) return;
    observer_(request.method, pattern, status,
              std::chrono::duration_cast<std::chrono::microseconds>(
                  std::chrono::steady_clock::now() - began));
  };
  try {
    Response response = run(found, request);
    observe(response.status);
    return response;
  } catch (...) {
    observe(500);
    throw;
  }
}

}  // namespace sluice::http
