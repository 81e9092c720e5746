// Certificates as a test needs them: good ones, and each kind of bad one.
#pragma once

#include <memory>
#include <string>

#include "feeds/net/tls.hpp"
#include "tests/scratch_folder.hpp"

namespace fastrsi::net::test {

struct CertificateForm {
  std::string names = "IP:127.0.0.1,DNS:localhost";  // as OpenSSL's configuration writes them
  long begins_in_seconds = -3600;
  long ends_in_seconds = 3600;
  bool signed_by_itself = false;
};

// An authority and what it has signed, in PEM files. Owner: a test.
class Authority {
 public:
  Authority();
  ~Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  std::string ca_file() const { return folder_.path("ca.pem"); }
  // Certificate and key under this name.
  TlsServerSettings issue(const std::string& name, const CertificateForm& form = {}) const;
  // As TlsSettings wants it, of a certificate of that name.
  std::string pin(const std::string& name) const;

 private:
  struct Keys;

  const fastrsi::test::ScratchFolder folder_;
  std::unique_ptr<Keys> keys_;
};

}  // namespace fastrsi::net::test
