// npm's oidc-provider on its adapter in memory: client credentials, JWT access tokens, RS256. The least that it can be
// asked to do. Arguments: the port, and a file whose first line is client_id<TAB>client_secret.
import { readFileSync } from 'node:fs';
import { generateKeyPairSync } from 'node:crypto';
import { Provider } from 'oidc-provider';

const [port, file] = process.argv.slice(2);
const [client_id, client_secret] = readFileSync(file, 'utf8').split('\n')[0].split('\t');
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const key = { ...privateKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig', kid: 'bench' };
const scope = 'read:timesheets create:timesheets';

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{
    client_id,
    client_secret,
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    token_endpoint_auth_method: 'client_secret_post',
    scope,
  }],
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (ctx, resource) => ({
        audience: resource,
        scope,
        accessTokenFormat: 'jwt',
        accessTokenTTL: 86400,
        jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
  jwks: { keys: [key] },
  routes: { token: '/oauth/token' },
  scopes: scope.split(' '),
});

provider.listen(Number(port), '127.0.0.1');
