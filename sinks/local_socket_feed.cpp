// Records into the clients' buffers, each client from its own place (the rules of slow clients are
// in local_socket_client.hpp).
#include <algorithm>

#include "sinks/local_socket_server.hpp"

namespace fastrsi {
namespace {

// Batches for one client in one turn: a filter that wants nothing of a long journal may not keep
// the others waiting.
constexpr int kBatchesMax = 4;

}  // namespace

void LocalSocketServer::feed() {
  if (clients_.empty()) return;
  std::size_t first = ++fed_first_ % clients_.size();
  if (const auto place = window_.fetching()) {
    const auto holder = std::find_if(clients_.begin(), clients_.end(), [&](const auto& client) {
      return client->subscription && client->subscription->position == *place;
    });
    if (holder == clients_.end()) {
      window_.forget_fetch();
    } else {
      first = static_cast<std::size_t>(holder - clients_.begin());
    }
  }
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    feed(*clients_[(first + i) % clients_.size()]);
  }
}

void LocalSocketServer::feed(SocketClient& client) {
  for (int batch = 0; batch < kBatchesMax; ++batch) {
    if (!client.subscription || !feed_batch(client)) return;
  }
  more_to_do_ = true;
}

// False: there is nothing to go on with, in the journal or in the buffer.
bool LocalSocketServer::feed_batch(SocketClient& client) {
  Subscription& subscription = *client.subscription;
  subscription.held = !subscription.live && client.waiting() >= kSocketPacedBytes;
  if (subscription.held) return false;
  const RecordWindow::Look look = window_.after(subscription.position, !subscription.live);
  if (look.state != RecordWindow::State::Records) {
    subscription.live = look.state == RecordWindow::State::None;
    return false;
  }
  if (look.full) subscription.live = false;
  // Retention has overtaken it: what is gone it can only learn by subscribing anew.
  const std::uint64_t next = subscription.position + 1;
  if (look.records.front()->seq > next && host_.span().oldest > next) {
    cut_slow(client);
    return false;
  }
  for (const SocketRecordPtr& record : look.records) {
    if (subscription.filter.wants(*record) && !push(client, *record)) {
      // A client that was cut for it has no subscription any more. One whose buffer has room, but
      // not for this record, is blocked: its time comes when it takes something.
      if (client.subscription) subscription.held = client.waiting() >= kSocketPacedBytes;
      return false;
    }
    subscription.position = record->seq;
  }
  return true;
}

bool LocalSocketServer::push(SocketClient& client, const SocketRecord& record) {
  const std::size_t bytes = record.line.size();
  const bool live = client.subscription->live;
  if (!live && client.waiting() >= kSocketPacedBytes) return false;
  if (!client.fits(bytes)) {
    client.flush(now_);
    if (!client.fits(bytes)) {
      if (live) cut_slow(client);
      return false;
    }
  }
  client.say(record.line, now_);
  ++client.records;
  ++counts_.records;
  return true;
}

void LocalSocketServer::cut_slow(SocketClient& client) {
  ++counts_.slow;
  bye(client, "slow");
}

}  // namespace fastrsi
