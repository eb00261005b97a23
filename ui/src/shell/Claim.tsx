import { Anchor, Button, Code, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';
import { http, take, type Schemas } from '../api/http';
import { ProblemAlert } from '../parts/Problem';
import { Secret } from '../parts/Secret';
import { begin } from './session';

// The code leaves the address bar and the history at once.
const linked = location.pathname === '/claim' ? decodeURIComponent(location.hash.slice(1)) : '';
if (linked) history.replaceState(history.state, '', location.pathname);

/** Claim redeems the one-time link: for a first user with a password, or for a token. */
export function Claim() {
  useDocumentTitle('Become the administrator – Skein');
  const client = useQueryClient();
  const navigate = useNavigate();
  const [code, setCode] = useState(linked);
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  // A link works once: its token is kept until the user is made, so that a
  // refused password can be chosen anew.
  const [token, setToken] = useState<Schemas['NewToken']>();
  const [tokenOnly, setTokenOnly] = useState(false);

  const redeem = async () => {
    if (token) return token;
    const made = await take(http.POST('/api/v1/claim', { body: { code } }));
    setToken(made);
    return made;
  };
  const first = useMutation({
    mutationFn: async () => {
      const { id, secret } = await redeem();
      const headers = { Authorization: `Bearer ${secret}` };
      await take(http.POST('/api/v1/users', { headers, body: { name: user, role: 'root', password } }));
      await begin(client, { user, password });
      await take(http.DELETE('/api/v1/tokens/{id}', { params: { path: { id } } })); // it has done what it was for
      await navigate({ to: '/' });
    },
  });
  const alone = useMutation({ mutationFn: redeem, onSuccess: () => setTokenOnly(true) });
  if (tokenOnly && token) return <TokenMade token={token} />;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    first.mutate();
  };
  return (
    <main className="sign-in" id="main">
      <Stack component="form" onSubmit={submit} className="panel padded">
        <img src="/skein.svg" alt="" width={80} height={50} />
        <Title order={1}>Become the administrator</Title>
        <Text size="sm">This link works once. Choose how you will sign in from now on.</Text>
        {!linked && !token && (
          <TextInput
            label="Code of the link"
            required
            value={code}
            onChange={(e) => setCode(e.target.value.trim())}
            autoComplete="off"
            spellCheck={false}
          />
        )}
        <TextInput
          label="User"
          description="Lower-case letters, digits and . - _ @ +"
          name="username"
          required
          autoFocus
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          value={user}
          onChange={(e) => setUser(e.target.value)}
        />
        <PasswordInput
          label="Password"
          description="12 characters at least"
          name="new-password"
          required
          minLength={12}
          autoComplete="new-password"
          value={password}
          onChange={(e) => setPassword(e.target.value)}
        />
        <ProblemAlert error={first.error ?? alone.error} />
        <Button type="submit" loading={first.isPending}>
          Make the user and sign in
        </Button>
        <Anchor component="button" type="button" size="sm" onClick={() => alone.mutate()}>
          I only want a token for the command line
        </Anchor>
      </Stack>
    </main>
  );
}

function TokenMade({ token }: { token: Schemas['NewToken'] }) {
  return (
    <main className="sign-in" id="main">
      <Stack className="panel padded">
        <Title order={1}>This is your token</Title>
        <Text size="sm">Keep it as you keep a password. It is not shown again, and Skein itself only keeps its hash.</Text>
        <Secret text={token.secret} label="Token" />
        <Text size="sm">Put it into a file that only you can read, and sign the command line in:</Text>
        <Code block>{`(umask 077; cat > skein-token)\nskein login ${location.origin} --token-file skein-token`}</Code>
      </Stack>
    </main>
  );
}
