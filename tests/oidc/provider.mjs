// A real OpenID provider on loopback for the tests: oidc-provider with people who answer at once.
//
// Who signs on is named by the cookie `person` as `subject.how`: `mfa` shows two factors, `acr` says so
// by level, `weak` shows one.  Prints its issuer when it listens.  Argument: the client's redirect URI.
import { createServer } from "node:http";

import Provider from "oidc-provider";

const [redirectUri] = process.argv.slice(2);
const HOW = { mfa: { amr: ["pwd", "otp", "mfa"] }, acr: { acr: "two-factors" }, weak: { amr: ["pwd"] } };

const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: "tidewaiter", client_secret: "a:secret of the tests", redirect_uris: [redirectUri] }],
    acrValues: ["two-factors"],
    claims: { openid: ["sub", "acr", "amr", "auth_time"], email: ["email", "email_verified"] },
    cookies: { keys: ["of the tests"] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    pkce: { required: () => true },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, email: `${id}@customs.example`, email_verified: id !== "unverified" }),
    }),
    // Whoever signs on agrees to what the one client asks for.
    loadExistingGrant: async (context) => {
      const { client, session, provider: own } = context.oidc;
      const grant = new own.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope("openid email");
      await grant.save();
      return grant;
    },
  });
  const answer = provider.callback();
  server.on("request", async (request, response) => {
    if (!request.url.startsWith("/interaction/")) return answer(request, response);
    const person = /person=([^;]+)/.exec(request.headers.cookie ?? "")?.[1];
    if (person === undefined) {
      return provider.interactionFinished(request, response, { error: "access_denied" });
    }
    const [accountId, how] = person.split(".");
    return provider.interactionFinished(request, response, { login: { accountId, ...HOW[how] } });
  });
  console.log(issuer);
});
