// mtcute signs in to the emulator, and takes care of the account.
import assert from 'node:assert';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  IntermediatePacketCodec, MemoryStorage, ObfuscatedPacketCodec, PaddedIntermediatePacketCodec, TcpTransport,
  TelegramClient, tl,
} from '@mtcute/node';
import { NodeCryptoProvider, addPublicKey } from '@mtcute/node/utils.js';
import stories from '../stories/index.js';

const {
  network, folder, ann, bob, cleo, nobody, bobsPassword, dora, eve, evesPassword, bot, app,
  address, codeOf, mailed, accept, failure, tell,
} = stories;
const manifest = new URL('node_modules/@mtcute/core/package.json', import.meta.url);
const { version } = JSON.parse(readFileSync(manifest, 'utf8'));

const crypto = new NodeCryptoProvider();
await crypto.initialize();
for (const key of network.public_keys) addPublicKey(crypto, key);

const home = { id: 2, ipAddress: address(2).ip, port: address(2).port };

// connected tells a story with a client, and saves the session.
async function connected(name, story, { codec, ...options } = {}) {
  const transport = new TcpTransport();
  if (codec) transport.packetCodec = codec;
  const api = new TelegramClient({
    apiId: app.id, apiHash: app.hash, storage: new MemoryStorage(), transport,
    defaultDcs: { main: home, media: home }, logLevel: 0, ...options,
  });
  const file = path.join(folder, name);
  if (existsSync(file)) await api.importSession(readFileSync(file, 'utf8'));
  try {
    await api.connect();
    await story(api);
    writeFileSync(file, await api.exportSession());
  } finally {
    await api.destroy();
  }
}

// signIn goes through the library's flow. It gives the answers one after another,
// and wants those that are wrong to be refused.
async function signIn(api, phone, { codes = [codeOf(phone)], passwords = [], refused = [] } = {}) {
  const seen = [];
  await api.start({
    phone,
    code: async () => codes.shift(),
    password: async () => passwords.shift(),
    codeSentCallback: () => {},
    invalidCodeCallback: (what) => { seen.push(what); },
  });
  assert.deepStrictEqual([seen, codes, passwords], [refused, [], []]);
}

// refused wants a call to fail in that way. Numbers in an error are %d to the
// library.
async function refused(promise, code, text) {
  const error = await failure(promise);
  assert.ok(tl.RpcError.is(error), error);
  assert.deepStrictEqual([error.code, error.text], [code, text]);
}

const unauthorized = (promise) => refused(promise, 401, 'AUTH_KEY_UNREGISTERED');

const devices = async (api) => (await api.call({ _: 'account.getAuthorizations' })).authorizations;

async function named(api, name) {
  const me = await api.getMe();
  assert.deepStrictEqual([me.firstName, me.isSelf], [name, true]);
}

const over = (session, options) => async () => {
  await connected(session, (api) => signIn(api, ann), options);
  await connected(session, (api) => named(api, 'Ann'), options);
};

tell(`mtcute ${version}`, {
  'before signing in, get me is refused': () => connected('nobody', async (api) => {
    await unauthorized(api.getMe());
  }),
  'sign-up': () => connected('new', async (api) => {
    const phone = nobody;
    const { phoneCodeHash } = await api.sendCode({ phone });
    // The library knows that it has to, and will not: a raw call does.
    await failure(api.signIn({ phone, phoneCodeHash, phoneCode: codeOf(phone) }));
    const { user } = await api.call({
      _: 'auth.signUp', phoneNumber: phone, phoneCodeHash, firstName: 'Mt', lastName: 'Cute',
    });
    await api.notifyLoggedIn(user);
    await named(api, 'Mt');
  }),
  'sign-in, with a wrong code first': () => connected('ann', async (api) => {
    await signIn(api, ann, { codes: ['00000', codeOf(ann)], refused: ['code'] });
  }),
  'a saved session is signed in at once': () => connected('ann', async (api) => {
    await named(api, 'Ann');
    const me = await api.call({ _: 'users.getFullUser', id: { _: 'inputUserSelf' } });
    assert.strictEqual(me.users[0].firstName, 'Ann');
  }),
  'a password, with a wrong one first': () => connected('bob', async (api) => {
    await signIn(api, bob, { passwords: ['wrong', bobsPassword], refused: ['password'] });
    await named(api, 'Bob');
  }),
  'a number that lives in another data centre': async () => {
    await connected('cleo', (api) => signIn(api, cleo));
    await connected('cleo', (api) => named(api, 'Cleo'));
  },
  'an authorization carried to another data centre': () => connected('ann', async (api) => {
    const [me] = await api.call({ _: 'users.getUsers', id: [{ _: 'inputUserSelf' }] }, { dcId: 3 });
    assert.strictEqual(me.firstName, 'Ann');
  }),
  'the code in a message to a device that is signed in': () => connected('ann', async (api) => {
    const told = new Promise((resolve) => api.onNewMessage.add(resolve));
    await api.startUpdatesLoop();
    await connected('other', (other) => signIn(other, ann));
    assert.match((await told).text, new RegExp(codeOf(ann)));
    const [message] = await api.getHistory(777000);
    assert.match(message.text, new RegExp(codeOf(ann)));
  }),
  'a QR code, read by another device': async () => {
    await connected('qr', async (api) => {
      const me = await api.signInQr({ onUrlUpdated: (url) => accept(ann, url) });
      assert.strictEqual(me.firstName, 'Ann');
    });
    await connected('qr', (api) => named(api, 'Ann'));
  },
  'a QR code for an account elsewhere that has a password': async () => {
    const passwords = ['wrong', evesPassword];
    let wrong = 0;
    await connected('eve', async (api) => {
      await api.signInQr({
        onUrlUpdated: (url) => accept(eve, url),
        password: async () => passwords.shift(),
        invalidPasswordCallback: () => { wrong++; },
      });
    });
    assert.deepStrictEqual([passwords, wrong], [[], 1]);
    await connected('eve', (api) => named(api, 'Eve'));
  },
  'a bot that lives in another data centre': async () => {
    await connected('bot', async (api) => {
      await refused(api.signInBot('7654321:wrong'), 400, 'ACCESS_TOKEN_INVALID');
      const me = await api.start({ botToken: bot });
      assert.deepStrictEqual([me.isBot, me.id], [true, parseInt(bot)]);
    });
    await connected('bot', async (api) => {
      await refused(devices(api), 400, 'BOT_METHOD_INVALID');
    });
  },
  'a password set with a mailbox, changed, and removed': async () => {
    await connected('dora', async (api) => {
      await signIn(api, dora);
      // It leaves the code to its caller.
      await refused(api.enableCloudPassword({ password: 'one', hint: 'a number', email: 'dora@example.org' }),
        400, 'EMAIL_UNCONFIRMED_%d');
      await api.resendPasswordEmail();
      await refused(api.verifyPasswordEmail('000000'), 400, 'CODE_INVALID');
      await api.verifyPasswordEmail(await mailed(dora));
      await refused(api.changeCloudPassword({ currentPassword: 'wrong', newPassword: 'two', hint: '' }),
        400, 'PASSWORD_HASH_INVALID');
      await api.changeCloudPassword({ currentPassword: 'one', newPassword: 'two', hint: 'another' });
      assert.strictEqual(await api.getPasswordHint(), 'another');
    });
    await connected('dora again', async (api) => {
      await signIn(api, dora, { passwords: ['one', 'two'], refused: ['password'] });
      await api.removeCloudPassword('two');
      const { hasPassword } = await api.call({ _: 'account.getPassword' });
      assert.ok(!hasPassword);
    });
  },
  'a forgotten password, recovered by e-mail': () => connected('eve again', async (api) => {
    const { phoneCodeHash } = await api.sendCode({ phone: eve });
    await refused(api.signIn({ phone: eve, phoneCodeHash, phoneCode: codeOf(eve) }), 401, 'SESSION_PASSWORD_NEEDED');
    assert.match(await api.sendRecoveryCode(), /@example\.org$/);
    await refused(api.recoverPassword({ recoveryCode: '000000' }), 400, 'CODE_INVALID');
    await api.recoverPassword({ recoveryCode: await mailed(eve) });
    await named(api, 'Eve');
    assert.strictEqual(await api.getPasswordHint(), null);
  }),
  'a token from a log-out, in place of the next code': async () => {
    let token;
    await connected('token', async (api) => {
      await signIn(api, dora);
      ({ futureAuthToken: token } = await api.logOut());
    });
    await connected('by token', async (api) => {
      await api.start({
        phone: dora, futureAuthTokens: [token], code: () => assert.fail('a code is asked for'),
      });
      await named(api, 'Dora');
    });
  },
  "the account's devices, and how they are ended": () => connected('ann', async (api) => {
    const [here, ...others] = await devices(api);
    assert.ok(here.current && here.hash.isZero() && others.length >= 2);
    await connected('qr', (newest) =>
      refused(newest.call({ _: 'auth.resetAuthorizations' }), 406, 'FRESH_RESET_AUTHORISATION_FORBIDDEN'));
    await api.call({ _: 'account.resetAuthorization', hash: others[0].hash });
    await api.call({ _: 'auth.resetAuthorizations' });
    assert.strictEqual((await devices(api)).length, 1);
    await connected('qr', async (gone) => {
      const { text } = await failure(gone.getMe());
      assert.match(text, /SESSION_REVOKED|AUTH_KEY_UNREGISTERED/);
    });
  }),
  'log-out': async () => {
    await connected('going', (api) => signIn(api, ann));
    const session = readFileSync(path.join(folder, 'going'), 'utf8');
    await connected('going', async (api) => {
      await api.logOut();
      await api.importSession(session, true);
      await unauthorized(api.getMe());
    });
  },
  'over padded intermediate': over('padded', { codec: () => new PaddedIntermediatePacketCodec() }),
  'over obfuscated intermediate': over('obfuscated', {
    codec: () => new ObfuscatedPacketCodec(new IntermediatePacketCodec()),
  }),
  'over obfuscated padded': over('both', {
    codec: () => new ObfuscatedPacketCodec(new PaddedIntermediatePacketCodec()),
  }),
  'with temporary keys': over('pfs', { network: { usePfs: true } }),
});
