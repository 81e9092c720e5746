// The words that SendAnswer::row can be: each is a row of the classification table (DELIVERY.md,
// sections 3 and 5), and each has its texts in diagnosis_*.cpp.
#pragma once

#include <array>
#include <string_view>

namespace fastrsi::transport::row {

using Word = std::string_view;

inline constexpr Word kOk = "ok";
inline constexpr Word kOkConnected = "ok_connected";  // a probe that can see no more

// To the server.
inline constexpr Word kDns = "dns";
inline constexpr Word kConnectRefused = "connect_refused";
inline constexpr Word kConnectTimeout = "connect_timeout";
inline constexpr Word kProxy = "proxy";
inline constexpr Word kPrivateAddress = "private_address";
inline constexpr Word kTlsHandshake = "tls_handshake";
inline constexpr Word kTlsSelfSigned = "tls_self_signed";
inline constexpr Word kTlsExpired = "tls_expired";
inline constexpr Word kTlsWrongName = "tls_wrong_name";
inline constexpr Word kTlsUntrusted = "tls_untrusted";
inline constexpr Word kTlsPin = "tls_pin";
inline constexpr Word kTlsCaFile = "tls_ca_file";
inline constexpr Word kTlsNotOffered = "tls_not_offered";
inline constexpr Word kClient = "client";  // libcurl itself, or no memory
inline constexpr Word kSecret = "secret";  // a password that cannot be had

// SMTP, in the order of a talk.
inline constexpr Word kGreetingRefused = "greeting_refused";
inline constexpr Word kGreetingDropped = "greeting_dropped";
inline constexpr Word kGreetingTimeout = "greeting_timeout";
inline constexpr Word kHelloRefused = "hello_refused";
inline constexpr Word kAuthRefused = "auth_refused";
inline constexpr Word kAuthTemporary = "auth_temporary";
inline constexpr Word kAuthToken = "auth_token";
inline constexpr Word kAuthMechanism = "auth_mechanism";
inline constexpr Word kAuthNotOffered = "auth_not_offered";
inline constexpr Word kAuthRequired = "auth_required";
inline constexpr Word kAuthBasicDisabled = "auth_basic_disabled";
inline constexpr Word kDropped = "dropped";  // before the mail began: nobody was sent to
inline constexpr Word kClosing = "closing";  // 421
inline constexpr Word kMailTemporary = "mail_temporary";
inline constexpr Word kSenderRejected = "sender_rejected";
inline constexpr Word kAddressRefused = "address_refused";  // by us: it would break the protocol
inline constexpr Word kRcptTemporary = "rcpt_temporary";
inline constexpr Word kRcptRefused = "rcpt_refused";
inline constexpr Word kRcptClosed = "rcpt_closed";
inline constexpr Word kDataTemporary = "data_temporary";
inline constexpr Word kDataRefused = "data_refused";
inline constexpr Word kDataDropped = "data_dropped";
inline constexpr Word kDotTemporary = "dot_temporary";
inline constexpr Word kDotRefused = "dot_refused";
inline constexpr Word kDotClosed = "dot_closed";
inline constexpr Word kDotNoReply = "dot_no_reply";
inline constexpr Word kQuota = "quota";
inline constexpr Word kRate = "rate";
inline constexpr Word kProbeRefused = "probe_refused";

// HTTP.
inline constexpr Word kHttpAuth = "http_auth";
inline constexpr Word kHttpRefused = "http_refused";
inline constexpr Word kHttpNotFound = "http_not_found";
inline constexpr Word kHttpServer = "http_server";
inline constexpr Word kHttpTooLong = "http_too_long";
inline constexpr Word kHttpRedirect = "http_redirect";
inline constexpr Word kHttpNoAnswer = "http_no_answer";
inline constexpr Word kHttpDropped = "http_dropped";
inline constexpr Word kHttpGarbled = "http_garbled";
inline constexpr Word kChatUnknown = "chat_unknown";
inline constexpr Word kChatBlocked = "chat_blocked";
inline constexpr Word kOctets = "octets";  // what we were given to send is not what it must be

// Of this machine.
inline constexpr Word kPickupFolder = "pickup_folder";
inline constexpr Word kPickupFull = "pickup_full";
inline constexpr Word kPickupWrite = "pickup_write";
inline constexpr Word kExecMissing = "exec_missing";
inline constexpr Word kExecFailed = "exec_failed";
inline constexpr Word kExecRefused = "exec_refused";
inline constexpr Word kExecTimeout = "exec_timeout";
inline constexpr Word kExecKilled = "exec_killed";
inline constexpr Word kDesktopNoBus = "desktop_no_bus";
inline constexpr Word kDesktopNoService = "desktop_no_service";
inline constexpr Word kDesktopRefused = "desktop_refused";
inline constexpr Word kDesktopTimeout = "desktop_timeout";

inline constexpr std::array kAll{
    kOk,
    kOkConnected,
    kDns,
    kConnectRefused,
    kConnectTimeout,
    kProxy,
    kPrivateAddress,
    kTlsHandshake,
    kTlsSelfSigned,
    kTlsExpired,
    kTlsWrongName,
    kTlsUntrusted,
    kTlsPin,
    kTlsCaFile,
    kTlsNotOffered,
    kClient,
    kSecret,
    kGreetingRefused,
    kGreetingDropped,
    kGreetingTimeout,
    kHelloRefused,
    kAuthRefused,
    kAuthTemporary,
    kAuthToken,
    kAuthMechanism,
    kAuthNotOffered,
    kAuthRequired,
    kAuthBasicDisabled,
    kDropped,
    kClosing,
    kMailTemporary,
    kSenderRejected,
    kAddressRefused,
    kRcptTemporary,
    kRcptRefused,
    kRcptClosed,
    kDataTemporary,
    kDataRefused,
    kDataDropped,
    kDotTemporary,
    kDotRefused,
    kDotClosed,
    kDotNoReply,
    kQuota,
    kRate,
    kProbeRefused,
    kHttpAuth,
    kHttpRefused,
    kHttpNotFound,
    kHttpServer,
    kHttpTooLong,
    kHttpRedirect,
    kHttpNoAnswer,
    kHttpDropped,
    kHttpGarbled,
    kChatUnknown,
    kChatBlocked,
    kOctets,
    kPickupFolder,
    kPickupFull,
    kPickupWrite,
    kExecMissing,
    kExecFailed,
    kExecRefused,
    kExecTimeout,
    kExecKilled,
    kDesktopNoBus,
    kDesktopNoService,
    kDesktopRefused,
    kDesktopTimeout,
};

}  // namespace fastrsi::transport::row
