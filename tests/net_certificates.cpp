#include "tests/net_certificates.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdio>

#include "engine/base/assert.hpp"

namespace fastrsi::net::test {
namespace {

struct Deleter {
  void operator()(X509* it) const noexcept { X509_free(it); }
  void operator()(EVP_PKEY* it) const noexcept { EVP_PKEY_free(it); }
  void operator()(FILE* it) const noexcept { std::fclose(it); }
};
using CertificatePtr = std::unique_ptr<X509, Deleter>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Deleter>;
using FilePtr = std::unique_ptr<FILE, Deleter>;

void add_extension(X509* to, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  FASTRSI_ASSERT(extension != nullptr);
  X509_add_ext(to, extension, -1);
  X509_EXTENSION_free(extension);
}

CertificatePtr make_certificate(EVP_PKEY* key, const std::string& name, long begins, long ends) {
  static long serial = 1;
  CertificatePtr made(X509_new());
  X509_set_version(made.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), begins);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), ends);
  X509_set_pubkey(made.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  return made;
}

void write_certificate(const std::string& path, X509* certificate) {
  const FilePtr file(std::fopen(path.c_str(), "w"));
  FASTRSI_ASSERT(PEM_write_X509(file.get(), certificate) == 1);
}

}  // namespace

struct Authority::Keys {
  KeyPtr key{EVP_EC_gen("P-256")};
  CertificatePtr certificate;
};

Authority::Authority() : keys_(std::make_unique<Keys>()) {
  EVP_PKEY* const key = keys_->key.get();
  keys_->certificate = make_certificate(key, "fastrsi test authority", -7200, 7200);
  X509* const own = keys_->certificate.get();
  X509_set_issuer_name(own, X509_get_subject_name(own));
  add_extension(own, own, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(own, own, NID_subject_key_identifier, "hash");
  FASTRSI_ASSERT(X509_sign(own, key, EVP_sha256()) > 0);
  write_certificate(ca_file(), own);
}

Authority::~Authority() = default;

TlsServerSettings Authority::issue(const std::string& name, const CertificateForm& form) const {
  const KeyPtr key(EVP_EC_gen("P-256"));
  const CertificatePtr made =
      make_certificate(key.get(), name, form.begins_in_seconds, form.ends_in_seconds);
  X509* const issuer = form.signed_by_itself ? made.get() : keys_->certificate.get();
  X509_set_issuer_name(made.get(), X509_get_subject_name(issuer));
  if (!form.names.empty()) add_extension(made.get(), issuer, NID_subject_alt_name, form.names);
  EVP_PKEY* const signer = form.signed_by_itself ? key.get() : keys_->key.get();
  FASTRSI_ASSERT(X509_sign(made.get(), signer, EVP_sha256()) > 0);
  TlsServerSettings files{folder_.path(name + ".pem"), folder_.path(name + ".key")};
  write_certificate(files.certificate_file, made.get());
  const FilePtr file(std::fopen(files.key_file.c_str(), "w"));
  FASTRSI_ASSERT(
      PEM_write_PrivateKey(file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return files;
}

std::string Authority::pin(const std::string& name) const {
  const FilePtr file(std::fopen(folder_.path(name + ".pem").c_str(), "r"));
  const CertificatePtr read(PEM_read_X509(file.get(), nullptr, nullptr, nullptr));
  FASTRSI_ASSERT(read);
  unsigned char* bytes = nullptr;
  const int count = i2d_PUBKEY(X509_get0_pubkey(read.get()), &bytes);
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(bytes, static_cast<std::size_t>(count), digest.data());
  OPENSSL_free(bytes);
  std::array<unsigned char, 64> text{};
  EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(digest.size()));
  return reinterpret_cast<const char*>(text.data());
}

}  // namespace fastrsi::net::test
