// What libcurl's codes mean before a server has said anything: names, connections, TLS. The same
// rows for SMTP and HTTP.
#pragma once

#include <string_view>

namespace fastrsi::transport {

struct CurlFault {
  std::string_view row;  // empty: no fault of this kind
  bool config_suspect = false;
};

// `code` is a CURLcode, `verify_result` CURLINFO_SSL_VERIFYRESULT; `is_connected` tells a time-out
// of the connection from a later one.
CurlFault curl_fault(int code, long verify_result, bool is_connected);

}  // namespace fastrsi::transport
