// An SMTP server not written here (npm smtp-server): prints its port, then each mail as a line of JSON.
//
//   serve_smtp.js '{"certificate": "...", "key": "...", "implicit": true, "auth": ["PLAIN"], "greeting": [554, "no"]}'
//
// An address that begins with a code and a dash is refused with it: 550-5.1.1@example.test, as sender or
// recipient. "dot-" before that refuses at the final dot; the user "busy" is refused for now.
"use strict";
const fs = require("fs");
const { SMTPServer } = require("smtp-server");

const given = JSON.parse(process.argv[2] || "{}");
const USER = "u@example.test";
const PASSWORD = "canary pass";
const TOKEN = "canary.token";

const refusal = (code, words) => Object.assign(new Error(words), { responseCode: Number(code) });
// Nothing, or what the address asks for.
function asked(address, pattern) {
  const found = pattern.exec(address);
  return found && refusal(found[1], `${found[2]} as asked`);
}

function judge(auth, session, done) {
  if (auth.method === "XOAUTH2") {
    if (auth.username === USER && auth.accessToken === TOKEN) return done(null, { user: USER });
    return done(null, { data: { status: "401", schemes: "bearer", scope: "mail" } });
  }
  if (auth.username === "busy") return done(refusal(454, "4.7.0 Temporary authentication failure"));
  const good = auth.method === "CRAM-MD5" ? auth.validatePassword(PASSWORD) : auth.password === PASSWORD;
  if (good && auth.username === USER) return done(null, { user: USER });
  done(refusal(535, "5.7.8 bad credentials"));
}

function keep(stream, session, done) {
  const parts = [];
  stream.on("data", (part) => parts.push(part));
  stream.on("end", () => {
    const { mailFrom, rcptTo } = session.envelope;
    const no = asked(mailFrom.address, /^dot-(\d{3})-([\d.]+)@/);
    if (no) return done(no);
    if (stream.sizeExceeded) return done(refusal(552, "5.3.4 too big"));
    console.log(JSON.stringify({ user: session.user || null, secure: session.secure, session: session.id,
      rcpt: rcptTo.map((one) => one.address), text: Buffer.concat(parts).toString() }));
    done(null, "stored");
  });
}

const server = new SMTPServer({
  secure: Boolean(given.implicit),
  ...(given.certificate ? { cert: fs.readFileSync(given.certificate), key: fs.readFileSync(given.key) } : {}),
  disabledCommands: [...(given.auth ? [] : ["AUTH"]), ...(given.certificate ? [] : ["STARTTLS"])],
  authMethods: given.auth || [],
  size: 100000,
  hideENHANCEDSTATUSCODES: true, // ours are in the words
  disableReverseLookup: true,
  onAuth: judge,
  onConnect: (session, done) => done(given.greeting ? refusal(...given.greeting) : null),
  onMailFrom: (address, session, done) => done(asked(address.address, /^(\d{3})-([\d.]+)@/)),
  onRcptTo: (address, session, done) => done(asked(address.address, /^(\d{3})-([\d.]+)@/)),
  onData: keep,
});
server.on("error", () => {}); // a client that hangs up
server.listen(0, "127.0.0.1", () => console.log(server.server.address().port));
