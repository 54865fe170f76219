// The flow of the guide "User Authorization" of @mtproto/core, with that very
// library, against the emulator.
//
//   node guide.js NETWORK_FILE FOLDER
'use strict';

const assert = require('node:assert');
const { createPublicKey } = require('node:crypto');
const { readFileSync } = require('node:fs');
const path = require('node:path');
const MTProto = require('@mtproto/core');

const [networkFile, folder] = process.argv.slice(2);
const network = JSON.parse(readFileSync(networkFile, 'utf8'));
const client = `@mtproto/core ${require('@mtproto/core/package.json').version}`;

// connect makes a client whose data centres and RSA key are the emulator's. The
// library has no setting for either.
function connect(session) {
  const mtproto = new MTProto({
    api_id: 12345,
    api_hash: '0123456789abcdef0123456789abcdef',
    storageOptions: { path: path.join(folder, `${session}.json`) },
  });
  mtproto.dcList = network.dcs.map(({ id, addr }) => {
    const [ip, port] = addr.split(':');
    return { id, ip, port: Number(port) };
  });
  const jwk = createPublicKey(network.public_keys[0]).export({ format: 'jwk' });
  const hex = (text) => Buffer.from(text, 'base64url').toString('hex');
  mtproto.crypto.rsa.getRsaKeyByFingerprints = async ([fingerprint]) => ({
    fingerprint,
    modulus: hex(jwk.n),
    exponent: '010001',
  });
  return mtproto;
}

const getUser = (api) => api.call('users.getFullUser', { id: { _: 'inputUserSelf' } });
const sendCode = (api, phone) =>
  api.call('auth.sendCode', { phone_number: phone, settings: { _: 'codeSettings' } });

// The code of a test number is its data centre's digit, five times.
const codeOf = (phone) => phone.replace('+', '')[5].repeat(5);

async function refused(promise, code, message) {
  const error = await promise.then(
    (result) => assert.fail(`got ${result._}, want ${message}`),
    (error) => error
  );
  assert.deepStrictEqual([error.error_code, error.error_message], [code, message]);
}

async function password(api, text) {
  const { srp_id, current_algo, srp_B } = await api.call('account.getPassword');
  const { g, p, salt1, salt2 } = current_algo;
  const { A, M1 } = await api.crypto.getSRPParams({ g, p, salt1, salt2, gB: srp_B, password: text });
  return api.call('auth.checkPassword', {
    password: { _: 'inputCheckPasswordSRP', srp_id, A, M1 },
  });
}

const stories = {
  'before signing in, getUser is refused': async () => {
    await refused(getUser(connect('nobody')), 401, 'AUTH_KEY_UNREGISTERED');
  },
  'sign-up': async () => {
    const api = connect('new');
    const phone = '+9996620099';
    const { phone_code_hash } = await sendCode(api, phone);
    const first = await api.call('auth.signIn', {
      phone_code: codeOf(phone), phone_number: phone, phone_code_hash,
    });
    assert.strictEqual(first._, 'auth.authorizationSignUpRequired');
    const { user } = await api.call('auth.signUp', {
      phone_number: phone, phone_code_hash, first_name: 'MTProto', last_name: 'Core',
    });
    assert.strictEqual(user.first_name, 'MTProto');
    const full = await getUser(api);
    assert.strictEqual(full.users[0].last_name, 'Core');
  },
  'sign-in, with a wrong code first': async () => {
    const api = connect('ann');
    const phone = '+9996620001';
    const { phone_code_hash } = await sendCode(api, phone);
    const signIn = (phone_code) =>
      api.call('auth.signIn', { phone_code, phone_number: phone, phone_code_hash });
    await refused(signIn('00000'), 400, 'PHONE_CODE_INVALID');
    const { user } = await signIn(codeOf(phone));
    assert.strictEqual(user.first_name, 'Ann');
    assert.ok(user.self);
  },
  'a key that was saved is signed in at once': async () => {
    const { users } = await getUser(connect('ann'));
    assert.strictEqual(users[0].first_name, 'Ann');
  },
  'a password, with a wrong one first': async () => {
    const api = connect('bob');
    const phone = '+9996620002';
    const { phone_code_hash } = await sendCode(api, phone);
    await refused(
      api.call('auth.signIn', { phone_code: codeOf(phone), phone_number: phone, phone_code_hash }),
      401, 'SESSION_PASSWORD_NEEDED'
    );
    await refused(password(api, 'wrong'), 400, 'PASSWORD_HASH_INVALID');
    const { user } = await password(api, 'correct horse');
    assert.strictEqual(user.first_name, 'Bob');
    assert.strictEqual((await getUser(api)).users[0].first_name, 'Bob');
  },
  'a number that lives in another data centre': async () => {
    const api = connect('cleo');
    const phone = '+9996610003';
    await refused(sendCode(api, phone), 303, 'PHONE_MIGRATE_1');
    await api.setDefaultDc(1);
    const { phone_code_hash } = await sendCode(api, phone);
    const { user } = await api.call('auth.signIn', {
      phone_code: codeOf(phone), phone_number: phone, phone_code_hash,
    });
    assert.strictEqual(user.first_name, 'Cleo');
  },
  'log-out': async () => {
    const api = connect('ann');
    assert.strictEqual((await api.call('auth.logOut'))._, 'auth.loggedOut');
    await refused(getUser(api), 401, 'AUTH_KEY_UNREGISTERED');
  },
};

async function main() {
  for (const [name, story] of Object.entries(stories)) {
    const timeout = new Promise((_, reject) =>
      setTimeout(() => reject(new Error('no end after 30 s')), 30_000).unref());
    try {
      await Promise.race([story(), timeout]);
    } catch (error) {
      console.error(`${client}: FAILED: ${name}:`, error);
      process.exit(1);
    }
    console.log(`${client}: ok: ${name}`);
  }
  process.exit(0);
}

process.on('unhandledRejection', (error) => {
  console.error(`${client}: FAILED: an error that nothing caught:`, error);
  process.exit(1);
});
main();
