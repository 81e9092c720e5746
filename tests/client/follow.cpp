// What another program does with the client's header: prints records, one a line, until it has as
// many as it was told. client_test.py runs it against a service with faults.
//
//   follow SOCKET COUNT SINCE|new [SILENCE_MS [NAME TOKEN]]
#include <iostream>
#include <string>

#include "tools/client/fastrsi_client.hpp"

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  fastrsi_client::Options options;
  options.path = argv[1];
  if (std::string(argv[3]) != "new") options.since = std::stoull(argv[3]);
  if (argc > 4) options.silence = std::chrono::milliseconds(std::stoi(argv[4]));
  if (argc > 6) {
    options.name = argv[5];
    options.token = argv[6];
  }
  options.note = [](const std::string& text) { std::cerr << text << std::endl; };
  try {
    fastrsi_client::Client client(options);
    for (long left = std::stol(argv[2]); left > 0; --left) {
      const auto record = client.next();
      if (!record) return 3;
      std::cout << record->seq << ' ' << record->symbol << ' ' << record->kind << ' '
                << record->stage << ' ' << record->price << std::endl;
    }
    // Commands and records share a connection.
    std::cout << client.command(R"({"cmd":"status"})") << std::endl;
  } catch (const fastrsi_client::NoService& error) {
    std::cerr << "no service: " << error.what() << std::endl;
    return 1;
  } catch (const fastrsi_client::Error& error) {
    std::cerr << "error: " << error.what() << std::endl;
    return 1;
  }
}
