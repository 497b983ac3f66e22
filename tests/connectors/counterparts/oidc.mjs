// Configuration of panva's oidc-provider, an OpenID-certified login server: node oidc.mjs ADDRESS-OF-THE-PACKAGE PORT SECONDS
// SECONDS is how long an access token is good. `xero` is an app without a secret (PKCE wanted), `intuit` and `spectrum` are apps with one.
import { pathToFileURL } from 'node:url';

const [, , packagePath, port, seconds] = process.argv;
const { Provider } = await import(pathToFileURL(packagePath).href);

const code = { grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'] };
const scopes = 'openid offline_access accounting.contacts accounting.invoices accounting.settings.read com.intuit.quickbooks.accounting spectrumapi';
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    { ...code, client_id: 'xero', token_endpoint_auth_method: 'none', application_type: 'native', redirect_uris: ['http://127.0.0.1/callback'], scope: scopes },
    {
      ...code, client_id: 'intuit', client_secret: 'PLANTED-SECRET-of-the-app', token_endpoint_auth_method: 'client_secret_basic', application_type: 'web',
      redirect_uris: ['https://books.example/done'], scope: scopes,
    },
    { client_id: 'spectrum', client_secret: 'PLANTED-SECRET-of-spectrum', grant_types: ['client_credentials'], response_types: [], redirect_uris: [], scope: scopes },
  ],
  scopes: scopes.split(' '),
  pkce: { required: (ctx, client) => client.clientId === 'xero' },
  features: {
    devInteractions: { enabled: true },
    revocation: { enabled: true },
    clientCredentials: { enabled: true },
  },
  rotateRefreshToken: true,
  issueRefreshToken: async () => true,
  ttl: {
    AccessToken: Number(seconds), ClientCredentials: Number(seconds), RefreshToken: 3600, AuthorizationCode: 60, Interaction: 600, Session: 600, Grant: 3600, IdToken: 600,
  },
  findAccount: async (ctx, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
});

for (const event of ['authorization.success', 'grant.success', 'grant.error', 'grant.revoked', 'server_error', 'interaction.ended']) {
  provider.on(event, (ctx, error) => console.log(event, ctx?.oidc?.params?.grant_type ?? '', error?.message ?? ''));
}
provider.listen(Number(port), '127.0.0.1', () => console.log('the login server listens'));
