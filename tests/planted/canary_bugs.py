"""Bugs to plant into what keeps secrets in: each one sentence, and what it changes where. Those of the
transports themselves are in tests/transport/planted.py."""

START = "tools/service/service_start.cpp"

BUGS = (
    ("the service lies open to its user's other programs",
     (START, "    if (is_delivery(settings.type)) transport::forbid_core_files();\n", "")),
    ("a test lies open to its user's other programs",
     ("tools/command_test.cpp", "  transport::forbid_core_files();\n", "")),
    ("a variable stays in the environment",
     ("sinks/transport/secret.cpp",
      "      OPENSSL_cleanse(text, std::strlen(text));\n      ::unsetenv(name.c_str());\n", "")),
    ("a variable stays where it stood",
     ("sinks/transport/secret.cpp", "      OPENSSL_cleanse(text, std::strlen(text));\n", "")),
    ("a program may run before all secrets are out of the environment",
     (START, "    transports.push_back(is_delivery(settings.type) ? make_transports(settings)\n"
      "                                                    : std::vector<std::unique_ptr<Transport>>{});\n",
      "    transports.emplace_back();\n"),
     (START, "std::move(transports[i])));", "make_transports(settings)));")),
    ("an answer's words are kept as they are",
     ("sinks/transport/push.cpp", "redactor_.line(verdict.text), verdict.row);",
      "verdict.text, verdict.row);")),
    ("a mail server's words are kept as they are",
     ("sinks/transport/smtp.cpp", "target.text = redactor_.line(target.text);\n",
      "static_cast<void>(target);\n")),
    ("a transcript shows a service's answer as it is",
     ("sinks/transport/push.cpp", "redactor_.line(plain_json(reply.body, redactor_)));",
      "plain_json(reply.body, Redactor{}));"),
     ("sinks/transport/push.cpp", "answer.transcript.push_back(redactor_.line(line));",
      "answer.transcript.push_back(line);")),
    ("an address's parts are not hidden",
     ("sinks/transport/push.cpp", "      hide_path(url_.value(redactor_).reveal());\n", "")),
    ("a dump writes secrets",
     ("tools/config_delivery_codec.cpp", "return toml_quoted(mark_of(value.text));",
      "return toml_quoted(mark_of(value.text).empty() ? std::string{} : value.text);")),
    ("a check shows what stands in a secret's place",
     ("tools/config_delivery_codec.cpp", '  reader.wrong(node, "expected " + allowed);',
      "  reader.expected(node, allowed);")),
)
