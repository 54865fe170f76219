// What the guides written in JavaScript share: the network file, and telling
// stories.
//
//   node guide.js NETWORK_FILE FOLDER
'use strict';

const assert = require('node:assert');
const { createPublicKey } = require('node:crypto');
const { readFileSync } = require('node:fs');

const [networkFile, folder] = process.argv.slice(2);
const network = JSON.parse(readFileSync(networkFile, 'utf8'));

const ann = '+9996620001', bob = '+9996620002', cleo = '+9996610003', nobody = '+9996620099';
const bobsPassword = 'correct horse';
const dora = '+9996620004', eve = '+9996610005', evesPassword = 'battery'; // Eve has a mailbox, and lives elsewhere
const bot = '7654321:TG9yZW0gaXBzdW0gZG9sb3Igc2l0IGFtZXQ'; // its data centre is Eve's
const app = { id: 12345, hash: '0123456789abcdef0123456789abcdef' };

// address is the IP and port of a data centre.
function address(dc) {
  const [ip, port] = network.dcs.find(({ id }) => id === dc).addr.split(':');
  return { ip, port: Number(port) };
}

// modulus is the number in the server's RSA key; the exponent is 65537.
function modulus() {
  return Buffer.from(createPublicKey(network.public_keys[0]).export({ format: 'jwk' }).n, 'base64url');
}

// The code of a test number is its data centre's digit, five times.
const codeOf = (phone) => phone['+99966'.length].repeat(5);

// control asks the control API.
async function control(method, path, body) {
  const headers = { 'Content-Type': 'application/json' };
  const answer = await fetch(network.control + path, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  assert.ok(answer.ok, text);
  return text && JSON.parse(text);
}

// mailed is the last code that went to a mailbox of that account.
async function mailed(phone) {
  return (await control('GET', `/v1/codes?channel=email&phone=${phone.slice(1)}`)).at(-1).code;
}

// accept reads a QR code with another device of that account.
const accept = (phone, url) => control('POST', '/v1/qr/accept', { phone, url });

// failure is the error with which a promise ends, which must not end well.
const failure = (promise) =>
  promise.then((result) => assert.fail(`got ${result?._ ?? result?.className}, want an error`), (error) => error);

// before limits the time that a promise may take.
function before(seconds, promise) {
  const timeout = new Promise((_, reject) =>
    setTimeout(() => reject(new Error(`no end after ${seconds} s`)), seconds * 1000).unref());
  return Promise.race([promise, timeout]);
}

// tell runs all stories, and ends with 1 at the first that fails.
async function tell(client, stories) {
  process.on('unhandledRejection', (error) => {
    console.error(`${client}: FAILED: an error that nothing caught:`, error);
    process.exit(1);
  });
  for (const [name, story] of Object.entries(stories)) {
    try {
      await before(30, story());
    } catch (error) {
      console.error(`${client}: FAILED: ${name}:`, error);
      process.exit(1);
    }
    console.log(`${client}: ok: ${name}`);
  }
  process.exit(0);
}

module.exports = {
  network, folder, ann, bob, cleo, nobody, bobsPassword, dora, eve, evesPassword, bot, app,
  address, modulus, codeOf, mailed, accept, failure, before, tell,
};
