// The rows' sentences in English: what happened, and what to do about it.
#include <array>

#include "sinks/transport/diagnosis.hpp"

namespace fastrsi::transport {
namespace {

constexpr std::array kEnglishRows{
    RowText{row::kOk, "All is well: the message was taken."},
    RowText{row::kOkConnected,
            "The connection is good. Only a real message can show whether the rest is."},
    RowText{row::kDns,
            "The server's name cannot be found. Check its spelling and this machine's network."},
    RowText{
        row::kConnectRefused,
        "The server does not take connections on this port. Check host and port; a firewall may "
        "close it."},
    RowText{row::kConnectTimeout,
            "The server does not answer at all. Check host and port; many networks close port 25."},
    RowText{row::kProxy,
            "The proxy cannot be reached, or does not let us through. Check the proxy's address."},
    RowText{row::kPrivateAddress,
            "The address belongs to a private network or to this machine, and was not asked. If it "
            "is yours, set allow_private = true."},
    RowText{row::kTlsHandshake,
            "No encrypted connection came about. Port and tls may not belong together: 465 is tls, "
            "587 and 25 are starttls."},
    RowText{
        row::kTlsSelfSigned,
        "The server's certificate is signed by itself, so nobody vouches for it. For a server of "
        "your own name its ca_file or pin."},
    RowText{row::kTlsExpired,
            "The server's certificate has expired, or this machine's clock is wrong."},
    RowText{row::kTlsWrongName,
            "The server's certificate is for another name. Use the name it is made for as host."},
    RowText{row::kTlsUntrusted,
            "The server's certificate comes from an authority this machine does not know. Install "
            "ca-certificates, or name its ca_file."},
    RowText{row::kTlsPin,
            "The server's key is not the one that was pinned. If its owner changed it, set the new "
            "pin; if not, somebody stands between."},
    RowText{row::kTlsCaFile, "The ca_file cannot be read, or holds no certificate."},
    RowText{
        row::kTlsNotOffered,
        "The server offers no encryption here, and without it nothing is sent. Use another port "
        "or server; tls = \"none\" only on a network of your own."},
    RowText{row::kClient, "This machine could not make the attempt: memory or a library failed."},
    RowText{row::kSecret,
            "The password or token cannot be had from where it is kept. The line before says why."},
    RowText{row::kGreetingRefused,
            "The server turns us away at the door: it is busy, or does not want this machine's "
            "address."},
    RowText{
        row::kGreetingDropped,
        "The server closes the connection before it greets. On port 465 set tls = \"tls\"; or it "
        "does not want this machine."},
    RowText{
        row::kGreetingTimeout,
        "The server takes the connection and says nothing. On port 465 set tls = \"tls\"; or it "
        "is overloaded."},
    RowText{
        row::kHelloRefused,
        "The server does not like this machine's name (EHLO). Set ehlo_name to a full name, such "
        "as mail.example.org."},
    RowText{
        row::kAuthRefused,
        "The server refuses user and password. Check both; many providers want the whole address "
        "as user."},
    RowText{row::kAuthTemporary,
            "The server cannot check passwords at the moment. It is tried again."},
    RowText{row::kAuthToken,
            "The server refuses the OAuth token. It has expired or lacks the right to send mail; "
            "check the token command."},
    RowText{
        row::kAuthMechanism,
        "The server knows no way to log in that was allowed here. Set auth = \"auto\", or one it "
        "offers."},
    RowText{row::kAuthNotOffered,
            "A password is set, but the server offers no login here, so nothing was sent. Most "
            "servers offer it on ports 465 and 587; or set auth = \"none\"."},
    RowText{row::kAuthRequired,
            "The server wants a login before it takes mail. Set user and password."},
    RowText{row::kAuthBasicDisabled,
            "The provider no longer takes passwords. Set auth = \"xoauth2\" with a token command."},
    RowText{row::kDropped,
            "The connection was cut before the mail began. Nothing was sent; it is tried again."},
    RowText{row::kClosing,
            "The server is closing down or too busy. Nothing was sent; it is tried again."},
    RowText{row::kMailTemporary,
            "The server does not take mail from this sender for now. It is tried again."},
    RowText{
        row::kSenderRejected,
        "The server takes no mail from this sender. `from` must be an address that this account "
        "may use."},
    RowText{row::kAddressRefused,
            "The target is written wrongly and was not tried. Check its spelling."},
    RowText{
        row::kRcptTemporary,
        "The server does not take mail for this recipient for now, as many do the first time. It "
        "is tried again."},
    RowText{
        row::kRcptRefused,
        "The server refuses this recipient: the address does not exist, or it takes no mail from "
        "here."},
    RowText{row::kRcptClosed,
            "The server closed the talk at a recipient. Nobody was sent to; it is tried again."},
    RowText{row::kDataTemporary,
            "The server does not want the mail's text for now. It is tried again."},
    RowText{row::kDataRefused, "The server refuses the mail before its text. The reply says why."},
    RowText{
        row::kDataDropped,
        "The connection was cut before the mail was whole. Nothing is stored there; it is tried "
        "again."},
    RowText{row::kDotTemporary,
            "The server had the whole mail and could not store it. It is tried again."},
    RowText{row::kDotRefused,
            "The server read the mail and refuses it, as spam or too long. The reply says why."},
    RowText{row::kDotClosed,
            "The server closed down when it had the mail, and said that it has not taken it. It is "
            "tried again."},
    RowText{row::kDotNoReply,
            "The mail was sent whole, and the server's answer was lost. It may have arrived; sent "
            "again it has the same Message-ID."},
    RowText{row::kQuota,
            "The account has sent as much as it may for now. Sending pauses; nothing is lost."},
    RowText{row::kRate, "We were too fast for the service. It is left alone as long as it asks."},
    RowText{row::kProbeRefused,
            "Connection and login are good, but the server refuses the test command. Try a real "
            "message."},
    RowText{row::kHttpAuth,
            "The service refuses the token, key or password. Check it, or make a new one."},
    RowText{row::kHttpRefused, "The service refuses this message for good. The reply says why."},
    RowText{row::kHttpNotFound,
            "There is nothing at this address: the webhook was deleted, or the address is wrong."},
    RowText{row::kHttpServer, "The service has trouble of its own. It is tried again."},
    RowText{row::kHttpTooLong, "The message is too long for the service."},
    RowText{row::kHttpRedirect,
            "The service points to another address, which is not followed. Set the new address "
            "yourself."},
    RowText{row::kHttpNoAnswer,
            "The message was sent, and the answer was lost. It may have arrived; sent again it has "
            "the same key."},
    RowText{row::kHttpDropped,
            "The connection was cut before the message was whole. Nothing was sent; it is tried "
            "again."},
    RowText{row::kHttpGarbled,
            "Whoever answered is not this service: perhaps a portal of the network, or a wrong "
            "address."},
    RowText{row::kChatUnknown,
            "There is no such chat, or the bot is not in it. Write to the bot first, or add it to "
            "the group."},
    RowText{row::kChatBlocked,
            "The bot was blocked or removed there. Unblock it, or add it again."},
    RowText{
        row::kOctets,
        "The message itself is not what this transport can send. This is a fault of the program "
        "or of a template."},
    RowText{row::kPickupFolder, "The directory is missing, or fastrsi may not write to it."},
    RowText{row::kPickupFull, "The disk is full. It is tried again."},
    RowText{row::kPickupWrite, "The file cannot be written. The reply says why."},
    RowText{row::kExecMissing, "The program is not there, or may not be run."},
    RowText{row::kExecFailed, "The program failed. It is run again."},
    RowText{row::kExecRefused,
            "The program says that it cannot use this message. It is not run again for it."},
    RowText{row::kExecTimeout,
            "The program took too long and was killed. Make it quicker, or raise timeout."},
    RowText{row::kExecKilled, "The program was killed by a signal. It is run again."},
    RowText{
        row::kDesktopNoBus,
        "There is no D-Bus of a desktop session here. The program must run as the user who sits "
        "before the screen."},
    RowText{row::kDesktopNoService,
            "Nothing here shows notifications. Install a notification service, for example dunst."},
    RowText{row::kDesktopRefused, "The desktop refuses this notification. The reply says why."},
    RowText{row::kDesktopTimeout,
            "The desktop does not answer. It may have shown the notification."},
};

constexpr std::array kEnglishHints{
    HintText{
        Hint::AppPassword,
        "This provider wants an app password, made in the account's security settings, not the "
        "account's own password."},
    HintText{Hint::OAuth,
             "This provider wants OAuth: auth = \"xoauth2\" with a command that prints a token."},
    HintText{Hint::QuotaOfDay, "This provider takes about 500 recipients in 24 hours."},
    HintText{Hint::Unknown, "This has no explanation here."},
};

}  // namespace

std::span<const RowText> row_texts_en() {
  return kEnglishRows;
}

std::span<const HintText> hint_texts_en() {
  return kEnglishHints;
}

}  // namespace fastrsi::transport
