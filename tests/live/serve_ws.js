// A WebSocket server not written here (npm ws) that plays frames: one a line on standard input.
//
//   serve_ws.js STREAMS     prints its port; plays when so many streams have been subscribed to
"use strict";
const fs = require("fs");
const { WebSocketServer } = require("ws");

const frames = fs.readFileSync(0, "utf8").split("\n").filter((line) => line !== "");
const server = new WebSocketServer({ host: "127.0.0.1", port: 0 }, () => console.log(server.address().port));

server.on("connection", (socket) => {
  const streams = new Set();
  socket.on("message", (message) => {
    const request = JSON.parse(message);
    for (const stream of request.params) streams.add(stream);
    socket.send(JSON.stringify({ result: null, id: request.id }));
    if (streams.size < Number(process.argv[2])) return;
    for (const frame of frames) socket.send(frame);
    socket.close(1000, "the end");
  });
  socket.on("close", () => process.exit(0));
});
