// Views and stored programs: their head as values, their body as it is written (manual 15.1).
#include "parser/schema/print.h"
#include "parser/schema/read.h"

namespace sluice::schema {
namespace {

// Over the rest of the statement, as it was written.
std::string take_body(Cursor& in) {
  if (in.done()) in.fail("expected a body");
  auto body = in.rest_as_written();
  while (!in.done()) in.skip();
  return body;
}

bool read_characteristic(Cursor& in, Options& out) {
  if (in.accept("NOT DETERMINISTIC")) {
    out.erase("DETERMINISTIC");
  } else if (in.accept("DETERMINISTIC")) {
    out["DETERMINISTIC"] = "YES";
  } else if (in.accept("CONTAINS SQL")) {
    out.erase("SQL DATA ACCESS");
  } else if (in.accept("NO SQL")) {
    out["SQL DATA ACCESS"] = "NO SQL";
  } else if (in.accept("READS SQL DATA")) {
    out["SQL DATA ACCESS"] = "READS SQL DATA";
  } else if (in.accept("MODIFIES SQL DATA")) {
    out["SQL DATA ACCESS"] = "MODIFIES SQL DATA";
  } else if (in.accept("SQL SECURITY INVOKER")) {
    out["SQL SECURITY"] = "INVOKER";
  } else if (in.accept("SQL SECURITY DEFINER")) {
    out.erase("SQL SECURITY");
  } else if (in.accept("COMMENT")) {
    auto text = in.string();
    if (text.empty())
      out.erase("COMMENT");
    else
      out["COMMENT"] = quote_text(text);
  } else if (in.accept("LANGUAGE")) {
    auto language = in.word();
    if (language == "SQL")
      out.erase("LANGUAGE");
    else
      out["LANGUAGE"] = language;
  } else if (in.accept("USING")) {
    out["USING"] = "(" + in.parenthesised() + ")";
  } else {
    return false;
  }
  return true;
}

}  // namespace

std::string read_definer(Cursor& in) {
  in.expect("DEFINER");
  in.expect("=");
  if (in.accept("CURRENT_USER")) {
    if (in.accept("(")) in.expect(")");
    return "CURRENT_USER";
  }
  const auto quoted = [](std::string_view name) {
    std::string out = "`";
    for (const char c : name) out += c == '`' ? std::string("``") : std::string(1, c);
    return out + "`";
  };
  auto definer = quoted(in.name_or_string());
  if (in.token().kind == Token::Kind::Variable) {  // @`host` or @host
    auto host = in.raw().substr(1);
    const bool marked = host.size() > 1 && (host[0] == '`' || host[0] == '\'' || host[0] == '"');
    definer +=
        "@" + quoted(marked ? unquote(host, Token::Kind::Quoted, in.target()) : std::string(host));
    in.skip();
  }
  return definer;
}

View read_view(Cursor& in, View view) {
  if (in.is("(")) view.columns = in.name_list();
  in.expect("AS");
  const auto from = in.position();
  auto body = take_body(in);
  const auto end = in.position();
  // WITH [CASCADED | LOCAL] CHECK OPTION stands last.
  for (const auto* const words :
       {"WITH CASCADED CHECK OPTION", "WITH LOCAL CHECK OPTION", "WITH CHECK OPTION"}) {
    const std::size_t count = std::string_view(words) == "WITH CHECK OPTION" ? 3 : 4;
    if (end < from + count + 1) continue;
    in.seek(end - count);
    if (!in.accept(words)) continue;
    view.check = std::string_view(words) == "WITH LOCAL CHECK OPTION" ? "LOCAL" : "CASCADED";
    view.select = in.slice(from, end - count);
    return view;
  }
  in.seek(end);
  view.select = in.slice(from, end);
  return view;
}

Trigger read_trigger(Cursor& in, Trigger trigger) {
  trigger.timing = in.word();
  trigger.event = in.word();
  in.expect("ON");
  trigger.table = in.identifier();
  if (in.accept(".")) trigger.table = in.identifier();
  in.expect("FOR EACH ROW");
  if (in.accept("FOLLOWS"))
    trigger.follows = in.identifier();
  else if (in.accept("PRECEDES"))
    trigger.follows = "\x01" + in.identifier();  // apply() resolves it
  trigger.body = take_body(in);
  return trigger;
}

Routine read_routine(Cursor& in, Routine routine) {
  if (routine.kind == Routine::Kind::Procedure || routine.kind == Routine::Kind::Function) {
    routine.parameters = in.parenthesised();
  }
  if (in.accept("RETURNS")) {
    const auto from = in.position();
    read_type(in);
    routine.returns = in.slice(from, in.position());
  }
  while (!in.failed() && read_characteristic(in, routine.characteristics)) {
  }
  if (routine.characteristics.contains("LANGUAGE")) in.accept("AS");
  routine.body = take_body(in);
  return routine;
}

Event read_event(Cursor& in, Event event) {
  in.expect("ON SCHEDULE");
  const auto from = in.position();
  while (!in.done() && !in.is("DO") && !(in.is("ON") && in.is("COMPLETION", 1)) &&
         !in.is_any({"ENABLE", "DISABLE", "COMMENT"})) {
    in.skip();
  }
  event.schedule = in.slice(from, in.position());
  event.status = "ENABLE";
  if (in.accept("ON COMPLETION PRESERVE"))
    event.preserve = true;
  else
    in.accept("ON COMPLETION NOT PRESERVE");
  if (in.accept("DISABLE ON REPLICA") || in.accept("DISABLE ON SLAVE"))
    event.status = "DISABLE ON REPLICA";
  else if (in.accept("DISABLE"))
    event.status = "DISABLE";
  else
    in.accept("ENABLE");
  if (in.accept("COMMENT")) event.comment = in.string();
  in.expect("DO");
  event.body = take_body(in);
  return event;
}

Sequence read_sequence(Cursor& in, Sequence sequence) {
  const auto number = [&] {
    const bool minus = in.accept("-");
    const auto value = static_cast<std::int64_t>(in.number());
    return minus ? -value : value;
  };
  while (!in.failed() && !in.done()) {
    if (in.accept("START")) {
      if (!in.accept("WITH")) in.accept("=");
      sequence.start = number();
    } else if (in.accept("MINVALUE")) {
      in.accept("=");
      sequence.minimum = number();
    } else if (in.accept("MAXVALUE")) {
      in.accept("=");
      sequence.maximum = number();
    } else if (in.accept("INCREMENT")) {
      if (!in.accept("BY")) in.accept("=");
      sequence.increment = number();
    } else if (in.accept("CACHE")) {
      in.accept("=");
      sequence.cache = number();
    } else if (in.accept("NOCACHE")) {
      sequence.cache = 0;
    } else if (in.accept("CYCLE")) {
      sequence.cycle = true;
    } else if (in.accept("NOCYCLE") || in.accept("NO CYCLE") || in.accept("NO MINVALUE") ||
               in.accept("NOMINVALUE") || in.accept("NO MAXVALUE") || in.accept("NOMAXVALUE")) {
    } else if (in.accept("ENGINE")) {
      in.accept("=");
      sequence.engine = in.name_or_string();
    } else if (in.accept("AS")) {
      sequence.type = read_type(in).name;
    } else if (TableOptions options; read_table_option(in, options)) {
      // Of a table's options the server shows the comment alone.
      if (options.comment_written) sequence.comment = options.comment;
      in.accept(",");
    } else {
      in.fail("not an option of a sequence");
    }
  }
  return sequence;
}

Library read_library(Cursor& in, Library library) {
  while (!in.failed()) {
    if (in.accept("LANGUAGE"))
      library.language = in.word();
    else if (in.accept("COMMENT"))
      library.comment = in.string();
    else
      break;
  }
  in.expect("AS");
  library.body = in.string();
  return library;
}

}  // namespace sluice::schema
