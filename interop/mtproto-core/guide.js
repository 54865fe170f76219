// The flow of the guide "User Authorization" of @mtproto/core, with that very
// library, against the emulator; and what else it can do, all of it by raw calls.
'use strict';

const assert = require('node:assert');
const { createHash, pbkdf2Sync, randomBytes } = require('node:crypto');
const path = require('node:path');
const bigInt = require('big-integer');
const MTProto = require('@mtproto/core');
const {
  network, folder, ann, bob, cleo, nobody, bobsPassword, dora, eve, evesPassword, bot, app,
  address, modulus, codeOf, mailed, accept, failure, tell,
} = require('../stories');

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
  const { getRPC } = mtproto;
  mtproto.getRPC = (dc) => drawsGoodKeys(getRPC.call(mtproto, dc));
  return mtproto;
}

// drawsGoodKeys has a connection draw its secret until the key is a good one. One
// in 256 begins with a zero byte, of which the library makes another key than the
// server, and ends the process.
function drawsGoodKeys(rpc) {
  const { crypto, generateDH } = rpc;
  rpc.generateDH = (retry) => {
    let secret;
    do {
      secret = randomBytes(256);
    } while (rpc.gA.modPow(bigInt(secret.toString('hex'), 16), rpc.dhPrime).bitLength().lesser(2041));
    rpc.crypto = Object.assign(Object.create(crypto), {
      getRandomBytes: (n) => (n === secret.length ? secret : crypto.getRandomBytes(n)),
    });
    return generateDH.call(rpc, retry);
  };
  return rpc;
}

const getUser = (api) => api.call('users.getFullUser', { id: { _: 'inputUserSelf' } });
const sendCode = (api, phone) =>
  api.call('auth.sendCode', { phone_number: phone, settings: { _: 'codeSettings' } });

async function refused(promise, code, message) {
  const error = await failure(promise);
  assert.deepStrictEqual([error.error_code, error.error_message], [code, message]);
}

// proof returns the proof of the password for a call that requires it.
async function proof(api, password) {
  const { srp_id, current_algo, srp_B } = await api.call('account.getPassword');
  const { g, p, salt1, salt2 } = current_algo;
  const { A, M1 } = await api.crypto.getSRPParams({ g, p, salt1, salt2, gB: srp_B, password });
  return { _: 'inputCheckPasswordSRP', srp_id, A, M1 };
}

const password = async (api, text) => api.call('auth.checkPassword', { password: await proof(api, text) });

// setPassword sets or changes a password. For the verifier the library has
// nothing.
async function setPassword(api, old, text, settings) {
  const { new_algo } = await api.call('account.getPassword');
  new_algo.salt1 = Buffer.concat([new_algo.salt1, randomBytes(32)]);
  await api.call('account.updatePasswordSettings', {
    password: old ? await proof(api, old) : { _: 'inputCheckPasswordEmpty' },
    new_settings: {
      _: 'account.passwordInputSettings', new_algo, new_password_hash: verifier(new_algo, text), ...settings,
    },
  });
}

function verifier({ g, p, salt1, salt2 }, text) {
  const salted = (data, salt) => createHash('sha256').update(salt).update(data).update(salt).digest();
  const number = (bytes) => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  const once = salted(salted(text, salt1), salt2);
  const prime = number(p);
  let x = number(salted(pbkdf2Sync(once, salt1, 100000, 64, 'sha512'), salt2)), power = BigInt(g), v = 1n;
  for (; x > 0n; x >>= 1n, power = power * power % prime) if (x & 1n) v = v * power % prime;
  return Buffer.from(v.toString(16).padStart(512, '0'), 'hex');
}

const exportToken = (api) => api.call('auth.exportLoginToken', { except_ids: [] });

// scanned shows a QR code, waits until another device of the account has read it,
// and asks again.
async function scanned(api, phone) {
  const told = new Promise((resolve) => api.updates.on('updateShort', ({ update }) => {
    if (update._ === 'updateLoginToken') resolve();
  }));
  const { _, token } = await exportToken(api);
  assert.strictEqual(_, 'auth.loginToken');
  await accept(phone, `tg://login?token=${Buffer.from(token).toString('base64url')}`);
  await told;
  return exportToken(api);
}

const devices = async (api) => (await api.call('account.getAuthorizations')).authorizations;

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
  'a QR code, read by another device': async () => {
    const { _, authorization } = await scanned(connect('qr'), ann);
    assert.deepStrictEqual([_, authorization.user.first_name], ['auth.loginTokenSuccess', 'Ann']);
  },
  'a QR code for an account elsewhere that has a password': async () => {
    const api = connect('eve');
    const { _, dc_id, token } = await scanned(api, eve);
    assert.deepStrictEqual([_, dc_id], ['auth.loginTokenMigrateTo', 1]);
    await api.setDefaultDc(dc_id);
    await refused(api.call('auth.importLoginToken', { token }), 401, 'SESSION_PASSWORD_NEEDED');
    const { user } = await password(api, evesPassword);
    assert.strictEqual(user.first_name, 'Eve');
  },
  'a bot that lives in another data centre': async () => {
    const api = connect('bot');
    const signIn = (bot_auth_token) => api.call('auth.importBotAuthorization', { flags: 0, bot_auth_token });
    await refused(signIn(bot), 303, 'USER_MIGRATE_1');
    await api.setDefaultDc(1);
    await refused(signIn('7654321:wrong'), 400, 'ACCESS_TOKEN_INVALID');
    const { user } = await signIn(bot);
    assert.deepStrictEqual([user.bot, String(user.id)], [true, bot.split(':')[0]]);
    await refused(devices(api), 400, 'BOT_METHOD_INVALID');
  },
  'a password set, changed with a mailbox, and removed': async () => {
    const api = connect('dora');
    const { phone_code_hash } = await sendCode(api, dora);
    await api.call('auth.signIn', { phone_code: codeOf(dora), phone_number: dora, phone_code_hash });
    await setPassword(api, '', 'one', { hint: 'a number' });
    await refused(setPassword(api, 'wrong', 'two', { hint: 'another' }), 400, 'PASSWORD_HASH_INVALID');
    await refused(setPassword(api, 'one', 'two', { hint: 'another', email: 'dora@example.org' }),
      400, 'EMAIL_UNCONFIRMED_6');
    await api.call('account.confirmPasswordEmail', { code: await mailed(dora) });
    const { hint, has_recovery } = await api.call('account.getPassword');
    assert.deepStrictEqual([hint, has_recovery], ['another', true]);
    await api.call('account.updatePasswordSettings', {
      password: await proof(api, 'two'),
      new_settings: {
        _: 'account.passwordInputSettings',
        // What is empty it does not send, and then the server cannot read the rest.
        new_algo: { _: 'passwordKdfAlgoUnknown' }, new_password_hash: new Uint8Array(), hint: 'none',
      },
    });
    assert.ok(!(await api.call('account.getPassword')).has_password);
  },
  'a forgotten password, recovered by e-mail': async () => {
    const api = connect('eve again');
    await api.setDefaultDc(1);
    const { phone_code_hash } = await sendCode(api, eve);
    await refused(
      api.call('auth.signIn', { phone_code: codeOf(eve), phone_number: eve, phone_code_hash }),
      401, 'SESSION_PASSWORD_NEEDED'
    );
    const { email_pattern } = await api.call('auth.requestPasswordRecovery');
    assert.match(email_pattern, /@example\.org$/);
    await refused(api.call('auth.recoverPassword', { code: '000000' }), 400, 'CODE_INVALID');
    const { user } = await api.call('auth.recoverPassword', { code: await mailed(eve) });
    assert.strictEqual(user.first_name, 'Eve');
  },
  "the account's devices, and how they are ended": async () => {
    const api = connect('ann'), newest = connect('qr');
    const [here, other] = await devices(api);
    assert.ok(here.current && here.hash === '0' && other.hash !== '0');
    await refused(newest.call('auth.resetAuthorizations'), 406, 'FRESH_RESET_AUTHORISATION_FORBIDDEN');
    await api.call('account.resetAuthorization', { hash: other.hash });
    const { error_code } = await failure(getUser(newest));
    assert.strictEqual(error_code, 401);
    assert.strictEqual((await devices(api)).length, 1);
  },
  'log-out': async () => {
    const api = connect('ann');
    assert.strictEqual((await api.call('auth.logOut'))._, 'auth.loggedOut');
    await refused(getUser(api), 401, 'AUTH_KEY_UNREGISTERED');
  },
});
