#include "admin/http/router.h"

#include <cassert>

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

bool match(std::string_view pattern, const urls::segments_view& segments,
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

Router::Router(std::vector<Route> routes) : routes_(std::move(routes)) {
#ifndef NDEBUG
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      assert((routes_[i].method != routes_[j].method || routes_[i].pattern != routes_[j].pattern) &&
             "two routes of one method and pattern: the second would never run");
    }
  }
#endif
}

Response Router::route(std::string_view target, Request request) const {
  const auto url = urls::parse_origin_form(target);
  if (!url) return problem(400, "The request's target is not a path with an optional query.");
  const auto path = url->encoded_path();
  request.path.assign(path.data(), path.size());
  for (const auto& param : url->params()) request.query[param.key] = param.value;
  std::string allow;
  for (const Route& route : routes_) {
    request.params.clear();
    if (!match(route.pattern, url->segments(), request.params)) continue;
    if (route.method == request.method) return route.handler(request);
    if (!allow.empty()) allow += ", ";
    allow += route.method;
  }
  if (allow.empty()) return problem(404, "There is nothing at this path; see /api/openapi.yaml.");
  auto refusal = problem(405, "This path takes " + allow + ".");
  refusal.headers.emplace_back("Allow", allow);
  return refusal;
}

}  // namespace sluice::http
