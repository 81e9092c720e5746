#include "sinks/transport/curl_faults.hpp"

#include <curl/curl.h>

#include "sinks/transport/rows.hpp"

namespace fastrsi::transport {
namespace {

// OpenSSL's X509_V_ERR_...
constexpr long kVerifyExpired = 10;
constexpr long kVerifySelfSigned = 18;
constexpr long kVerifySelfSignedInChain = 19;

CurlFault certificate_fault(long verify_result) {
  switch (verify_result) {
    case 0:
    case 1:
      return {row::kTlsWrongName, true};  // never set: the chain is good, the name is not
    case kVerifyExpired:
      return {row::kTlsExpired, true};
    case kVerifySelfSigned:
    case kVerifySelfSignedInChain:
      return {row::kTlsSelfSigned, true};
    default:
      return {row::kTlsUntrusted, true};
  }
}

}  // namespace

CurlFault curl_fault(int code, long verify_result, bool is_connected) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return {row::kDns, false};
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_PROXY:
      return {row::kProxy, false};
    case CURLE_COULDNT_CONNECT:
      if (!is_connected) return {row::kConnectRefused, false};
      break;
    case CURLE_OPERATION_TIMEDOUT:
      if (!is_connected) return {row::kConnectTimeout, false};
      break;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CIPHER:
      return {row::kTlsHandshake, true};
    case CURLE_PEER_FAILED_VERIFICATION:
      return certificate_fault(verify_result);
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
      return {row::kTlsPin, true};
    case CURLE_SSL_CACERT_BADFILE:
      return {row::kTlsCaFile, true};
    case CURLE_USE_SSL_FAILED:
      return {row::kTlsNotOffered, true};
    case CURLE_OUT_OF_MEMORY:
    case CURLE_FAILED_INIT:
    case CURLE_NOT_BUILT_IN:
      return {row::kClient, false};
    default:
      break;
  }
  return {};
}

}  // namespace fastrsi::transport
