#include "feeds/net/base64.hpp"

#include <openssl/evp.h>

namespace fastrsi::net {

std::string base64(std::string_view bytes) {
  // It ends what it writes with a zero.
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                  reinterpret_cast<const unsigned char*>(bytes.data()),
                  static_cast<int>(bytes.size()));
  text.pop_back();
  return text;
}

}  // namespace fastrsi::net
