// The flow of the guide "User Authorization" of @mtproto/core, with that very
// library, against the emulator.
'use strict';

const assert = require('node:assert');
const path = require('node:path');
const MTProto = require('@mtproto/core');
const { network, folder, ann, bob, cleo, nobody, bobsPassword, app, address, modulus, codeOf, failure, tell } =
  require('../stories');

// connect makes a client whose data centres and RSA key are the emulator's. The
// library has no setting for either.
function connect(session) {
  const mtproto = new MTProto({
    api_id: app.id,
    api_hash: app.hash,
    storageOptions: { path: path.join(folder, `${session}.json`) },
  });
  mtproto.dcList = network.dcs.map(({ id }) => ({ id, ...address(id) }));
  mtproto.crypto.rsa.getRsaKeyByFingerprints = async ([fingerprint]) => ({
    fingerprint,
    modulus: modulus().toString('hex'),
    exponent: '010001',
  });
  return mtproto;
}

const getUser = (api) => api.call('users.getFullUser', { id: { _: 'inputUserSelf' } });
const sendCode = (api, phone) =>
  api.call('auth.sendCode', { phone_number: phone, settings: { _: 'codeSettings' } });

async function refused(promise, code, message) {
  const error = await failure(promise);
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

tell(`@mtproto/core ${require('@mtproto/core/package.json').version}`, {
  'before signing in, getUser is refused': async () => {
    await refused(getUser(connect('nobody')), 401, 'AUTH_KEY_UNREGISTERED');
  },
  'sign-up': async () => {
    const api = connect('new');
    const { phone_code_hash } = await sendCode(api, nobody);
    const first = await api.call('auth.signIn', {
      phone_code: codeOf(nobody), phone_number: nobody, phone_code_hash,
    });
    assert.strictEqual(first._, 'auth.authorizationSignUpRequired');
    const { user } = await api.call('auth.signUp', {
      phone_number: nobody, phone_code_hash, first_name: 'MTProto', last_name: 'Core',
    });
    assert.strictEqual(user.first_name, 'MTProto');
    const full = await getUser(api);
    assert.strictEqual(full.users[0].last_name, 'Core');
  },
  'sign-in, with a wrong code first': async () => {
    const api = connect('ann');
    const { phone_code_hash } = await sendCode(api, ann);
    const signIn = (phone_code) =>
      api.call('auth.signIn', { phone_code, phone_number: ann, phone_code_hash });
    await refused(signIn('00000'), 400, 'PHONE_CODE_INVALID');
    const { user } = await signIn(codeOf(ann));
    assert.strictEqual(user.first_name, 'Ann');
    assert.ok(user.self);
  },
  'a key that was saved is signed in at once': async () => {
    const { users } = await getUser(connect('ann'));
    assert.strictEqual(users[0].first_name, 'Ann');
  },
  'a password, with a wrong one first': async () => {
    const api = connect('bob');
    const { phone_code_hash } = await sendCode(api, bob);
    await refused(
      api.call('auth.signIn', { phone_code: codeOf(bob), phone_number: bob, phone_code_hash }),
      401, 'SESSION_PASSWORD_NEEDED'
    );
    await refused(password(api, 'wrong'), 400, 'PASSWORD_HASH_INVALID');
    const { user } = await password(api, bobsPassword);
    assert.strictEqual(user.first_name, 'Bob');
    assert.strictEqual((await getUser(api)).users[0].first_name, 'Bob');
  },
  'a number that lives in another data centre': async () => {
    const api = connect('cleo');
    await refused(sendCode(api, cleo), 303, 'PHONE_MIGRATE_1');
    await api.setDefaultDc(1);
    const { phone_code_hash } = await sendCode(api, cleo);
    const { user } = await api.call('auth.signIn', {
      phone_code: codeOf(cleo), phone_number: cleo, phone_code_hash,
    });
    assert.strictEqual(user.first_name, 'Cleo');
  },
  'log-out': async () => {
    const api = connect('ann');
    assert.strictEqual((await api.call('auth.logOut'))._, 'auth.loggedOut');
    await refused(getUser(api), 401, 'AUTH_KEY_UNREGISTERED');
  },
});
