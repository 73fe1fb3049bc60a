#include "proxy/binlog/json.h"

#include "proxy/binlog/json_walk.h"

namespace sluice::binlog {
namespace {

// Builds the tree. An array's or object's place for its items is reserved, so that what points into
// it stays.
class Builder {
 public:
  explicit Builder(JsonNode& root) : at_(&root) {}

  void null() { at_->kind = JsonNode::Kind::kNull; }
  void boolean(bool value) { at_->kind = value ? JsonNode::Kind::kTrue : JsonNode::Kind::kFalse; }
  void integer(std::int64_t value) {
    at_->kind = JsonNode::Kind::kInt;
    at_->integer = value;
  }
  void whole(std::uint64_t value) {
    at_->kind = JsonNode::Kind::kUint;
    at_->integer = static_cast<std::int64_t>(value);
  }
  void real(double value) {
    at_->kind = JsonNode::Kind::kDouble;
    at_->number = value;
  }
  void text(std::string_view value) {
    at_->kind = JsonNode::Kind::kString;
    at_->text = value;
  }
  void opaque(std::uint8_t type, std::string_view bytes) {
    at_->kind = JsonNode::Kind::kOpaque;
    at_->type = type;
    at_->text = bytes;
  }
  void begin(bool object, std::uint32_t count) {
    at_->kind = object ? JsonNode::Kind::kObject : JsonNode::Kind::kArray;
    at_->items.reserve(count);
    if (object) at_->keys.reserve(count);
    open_.push_back(at_);
  }
  void key(std::uint32_t index, std::string_view name) {
    open_.back()->keys.emplace_back(name);
    item(index);
  }
  void item(std::uint32_t) { at_ = &open_.back()->items.emplace_back(); }
  void end(bool) { open_.pop_back(); }

 private:
  JsonNode* at_;
  std::vector<JsonNode*> open_;
};

}  // namespace

Result<JsonNode> decode_json(wire::Bytes json) {
  JsonNode root;
  if (json.empty()) return root;
  Builder builder(root);
  if (!JsonWalk<Builder>(json, builder).value(json[0], json.subspan(1)))
    return Error{Fault::kMalformed, "a JSON value's bytes are cut short or malformed"};
  return root;
}

}  // namespace sluice::binlog
