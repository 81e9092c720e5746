// A Telegram server not written here (npm telegram-test-api), on this machine alone: prints its port. What it
// was sent is at /getUpdatesHistory.
"use strict";
const TelegramServer = require("telegram-test-api");

const server = new TelegramServer({ host: "127.0.0.1" });
server.config.port = 0; // the settings take 0 for none
server.start().then(() => console.log(server.server.address().port));
