// A request and a response as values: what handlers take and give.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::http {

class BodyStream;  // stream.h
class Caller;      // caller.h

struct Request {
  std::string method;                                       // "GET"; HEAD arrives as GET
  std::string path;                                         // as it was sent, without the query
  std::map<std::string, std::string, std::less<>> query;    // decoded; the last of a name counts
  std::map<std::string, std::string, std::less<>> headers;  // names in small letters
  std::map<std::string, std::string, std::less<>> params;   // {id} of the route, decoded
  std::string body;
  std::string remote;                // address of the client
  bool secure = false;               // came over TLS
  std::shared_ptr<Caller> caller{};  // who waits for the answer; may be null

  [[nodiscard]] std::string_view header(std::string_view name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string_view{} : std::string_view(found->second);
  }
};

struct Response {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  // The answer is held back for so long, with no thread waiting: guessing passwords costs time.
  std::chrono::milliseconds delay{0};
  // Not empty: written after `body` as it comes, until it ends or the client goes.
  std::shared_ptr<BodyStream> stream{};
};

struct FieldError {
  std::string field;
  std::string message;
};

// RFC 9457. `detail` is a sentence that says what to do.
[[nodiscard]] Response problem(unsigned status, std::string_view detail,
                               const std::vector<FieldError>& errors = {});

}  // namespace sluice::http
