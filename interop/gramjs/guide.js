// GramJS signs in to the emulator, and takes care of the account.
'use strict';

const assert = require('node:assert');
const { createHash } = require('node:crypto');
const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const bigInt = require('big-integer');
const { Api, Logger, TelegramClient } = require('telegram');
const { _serverKeys } = require('telegram/crypto/RSA');
const { PromisedNetSockets, PromisedWebSockets } = require('telegram/extensions');
const { LogLevel } = require('telegram/extensions/Logger');
const { ConnectionTCPAbridged, ConnectionTCPFull, ConnectionTCPObfuscated } = require('telegram/network');
const { StringSession } = require('telegram/sessions');
const {
  folder, ann, bob, cleo, nobody, bobsPassword, dora, eve, evesPassword, bot, app,
  address, modulus, codeOf, mailed, accept, failure, before, tell,
} = require('../stories');

// The library finds a key by its fingerprint: of both numbers as TL strings, a
// long one and one of three bytes.
const n = modulus();
const text = Buffer.concat([Buffer.from([254, 0, 1, 0]), n, Buffer.from([3, 1, 0, 1])]);
const fingerprint = createHash('sha1').update(text).digest().readBigInt64LE(12);
_serverKeys.set(String(fingerprint), { n: bigInt(n.toString('hex'), 16), e: 65537 });

// local is a transport whose data centres are the emulator's, whatever address
// the library finds: it always dials port 80 or 443.
const local = (Connection) => class extends Connection {
  constructor(options) {
    super({ ...options, ...address(options.dcId) });
  }
};

const full = { connection: ConnectionTCPFull, networkSocket: PromisedNetSockets };

// open connects a client. One key in 256 begins with a zero byte, of which the
// library makes another key than the server; then it waits for good, and there
// is nothing to do but to begin again.
async function open(file, { connection, networkSocket }, attempts = 3) {
  const session = new StringSession(existsSync(file) ? readFileSync(file, 'utf8') : '');
  if (!session.serverAddress) session.setDC(2, address(2).ip, 443);
  const api = new TelegramClient(session, app.id, app.hash, {
    connection: local(connection), networkSocket, baseLogger: new Logger(LogLevel.NONE),
  });
  try {
    await before(8, api.connect());
    return api;
  } catch (error) {
    if (attempts === 1) throw error;
    await api.destroy();
    return open(file, { connection, networkSocket }, attempts - 1);
  }
}

// again tells a story a second time if the first came to nothing: for those that
// make another key on the way.
const again = (story) => () => before(12, story()).catch(story);

// connected tells a story with a client, and saves the session.
async function connected(name, story, transport = full) {
  const file = path.join(folder, name);
  const api = await open(file, transport);
  try {
    await story(api);
    writeFileSync(file, api.session.save());
  } finally {
    await api.destroy();
  }
}

// signIn goes through the library's flow. It gives the answers one after another,
// and wants just the errors that are expected.
async function signIn(api, phone, { codes = [codeOf(phone)], passwords = [], errors = [] } = {}) {
  await api.start({
    phoneNumber: phone,
    phoneCode: async () => codes.shift(),
    password: async () => passwords.shift(),
    firstAndLastNames: async () => ['Gram', 'JS'],
    onError: async (error) => {
      assert.strictEqual(error.errorMessage, errors.shift(), error);
      return false;
    },
  });
  assert.deepStrictEqual([codes, passwords, errors], [[], [], []]);
}

async function refused(promise, code, message) {
  const error = await failure(promise);
  assert.deepStrictEqual([error.code, error.errorMessage], [code, message]);
}

const unauthorized = (promise) => refused(promise, 401, 'AUTH_KEY_UNREGISTERED');

// byQrCode goes through the library's flow, and reads the code with another device.
const byQrCode = (api, phone, passwords = []) =>
  api.signInUserWithQrCode({ apiId: app.id, apiHash: app.hash }, {
    qrCode: ({ token }) => accept(phone, `tg://login?token=${token.toString('base64url')}`),
    password: async () => passwords.shift(),
    onError: (error) => { throw error; },
  });

const getPassword = new Api.account.GetPassword();
const devices = async (api) => (await api.invoke(new Api.account.GetAuthorizations())).authorizations;

const users = new Api.users.GetUsers({ id: [new Api.InputUserSelf()] });

async function named(api, name) {
  const me = await api.getMe();
  assert.deepStrictEqual([me.firstName, me.self], [name, true]);
}

const over = (session, transport) => async () => {
  await connected(session, (api) => signIn(api, ann), transport);
  await connected(session, (api) => named(api, 'Ann'), transport);
};

tell(`GramJS ${require('telegram/package.json').version}`, {
  'before signing in, get me is refused': () => connected('nobody', async (api) => {
    assert.ok(!(await api.checkAuthorization()));
    await unauthorized(api.invoke(users));
  }),
  'sign-up': () => connected('new', async (api) => {
    await signIn(api, nobody);
    await named(api, 'Gram');
  }),
  'sign-in, with a wrong code first': () => connected('ann', async (api) => {
    await signIn(api, ann, { codes: ['00000', codeOf(ann)], errors: ['PHONE_CODE_INVALID'] });
  }),
  'a saved session is signed in at once': () => connected('ann', async (api) => {
    assert.ok(await api.checkAuthorization());
    await named(api, 'Ann');
    const me = await api.invoke(new Api.users.GetFullUser({ id: 'me' }));
    assert.strictEqual(me.users[0].firstName, 'Ann');
  }),
  'a password, with a wrong one first': () => connected('bob', async (api) => {
    await signIn(api, bob, { passwords: ['wrong', bobsPassword], errors: ['PASSWORD_HASH_INVALID'] });
    await named(api, 'Bob');
  }),
  'a number that lives in another data centre': again(async () => {
    await connected('cleo', async (api) => {
      await signIn(api, cleo);
      assert.strictEqual(api.session.dcId, 1);
    });
    await connected('cleo', (api) => named(api, 'Cleo'));
  }),
  'an authorization carried to another data centre': again(() => connected('ann', async (api) => {
    const [me] = await api.invokeWithSender(users, await api.getSender(3));
    assert.strictEqual(me.firstName, 'Ann');
  })),
  'the code in a message to a device that is signed in': () => connected('ann', async (api) => {
    await connected('other', (other) => signIn(other, ann));
    const [message] = await api.getMessages(777000, { limit: 1 });
    assert.match(message.message, new RegExp(codeOf(ann)));
    const [dialog] = await api.getDialogs();
    assert.strictEqual(String(dialog.id), '777000');
  }),
  'a QR code, read by another device': async () => {
    await connected('qr', async (api) => {
      assert.strictEqual((await byQrCode(api, ann)).firstName, 'Ann');
    });
    await connected('qr', (api) => named(api, 'Ann'));
  },
  'a QR code for an account elsewhere that has a password': again(() => connected('eve', async (api) => {
    assert.strictEqual((await byQrCode(api, eve, [evesPassword])).firstName, 'Eve');
    assert.strictEqual(api.session.dcId, 1);
    await named(api, 'Eve');
  })),
  'a bot that lives in another data centre': again(async () => {
    await connected('bot', async (api) => {
      await api.start({ botAuthToken: bot });
      const me = await api.getMe();
      assert.deepStrictEqual([me.bot, String(me.id), api.session.dcId], [true, bot.split(':')[0], 1]);
    });
    await connected('bot', (api) => refused(devices(api), 400, 'BOT_METHOD_INVALID'));
  }),
  'a password set, changed with a mailbox, and removed': async () => {
    await connected('dora', async (api) => {
      await signIn(api, dora);
      await api.updateTwoFaSettings({ newPassword: 'one', hint: 'a number' });
      await refused(api.updateTwoFaSettings({ currentPassword: 'wrong', newPassword: 'two' }),
        400, 'PASSWORD_HASH_INVALID');
      const codes = ['000000'], errors = [];
      await api.updateTwoFaSettings({
        currentPassword: 'one', newPassword: 'two', hint: 'another', email: 'dora@example.org',
        emailCodeCallback: async () => codes.shift() ?? mailed(dora),
        onEmailCodeError: (error) => errors.push(error.errorMessage),
      });
      assert.deepStrictEqual(errors, ['CODE_INVALID']);
      const { hint, hasRecovery } = await api.invoke(getPassword);
      assert.deepStrictEqual([hint, hasRecovery], ['another', true]);
    });
    await connected('dora again', async (api) => {
      await signIn(api, dora, { passwords: ['one', 'two'], errors: ['PASSWORD_HASH_INVALID'] });
      await api.updateTwoFaSettings({ currentPassword: 'two' });
      assert.ok(!(await api.invoke(getPassword)).hasPassword);
    });
  },
  'a forgotten password, recovered by e-mail': () => connected('eve again', async (api) => {
    const { phoneCodeHash } = await api.sendCode({ apiId: app.id, apiHash: app.hash }, eve);
    await refused(api.invoke(new Api.auth.SignIn({ phoneNumber: eve, phoneCodeHash, phoneCode: codeOf(eve) })),
      401, 'SESSION_PASSWORD_NEEDED');
    const { emailPattern } = await api.invoke(new Api.auth.RequestPasswordRecovery());
    assert.match(emailPattern, /@example\.org$/);
    await refused(api.invoke(new Api.auth.RecoverPassword({ code: '000000' })), 400, 'CODE_INVALID');
    await api.invoke(new Api.auth.RecoverPassword({ code: await mailed(eve) }));
    await named(api, 'Eve');
  }),
  "the account's devices, and how they are ended": () => connected('ann', async (api) => {
    const [here, ...others] = await devices(api);
    assert.ok(here.current && here.hash.isZero() && others.length === 2);
    await connected('qr', (newest) =>
      refused(newest.invoke(new Api.auth.ResetAuthorizations()), 406, 'FRESH_RESET_AUTHORISATION_FORBIDDEN'));
    await api.invoke(new Api.account.ResetAuthorization({ hash: others[0].hash }));
    await api.invoke(new Api.auth.ResetAuthorizations());
    assert.strictEqual((await devices(api)).length, 1);
    await connected('qr', async (gone) => assert.ok(!(await gone.checkAuthorization())));
  }),
  'log-out': () => connected('ann', async (api) => {
    assert.strictEqual((await api.invoke(new Api.auth.LogOut())).className, 'auth.LoggedOut');
    await unauthorized(api.invoke(users));
  }),
  'over abridged': over('abridged', { ...full, connection: ConnectionTCPAbridged }),
  'over obfuscated abridged': over('obfuscated', { ...full, connection: ConnectionTCPObfuscated }),
  'over WebSocket': over('websocket', { connection: ConnectionTCPObfuscated, networkSocket: PromisedWebSockets }),
});
