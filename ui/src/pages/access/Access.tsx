import { Tabs } from '@mantine/core';
import { Page } from '../../parts/Page';
import { Tenants } from './Tenants';
import { Tokens } from './Tokens';
import { Users } from './Users';

/** Access is who may do what: people, resellers and customers, and what programs sign in with. */
export default function Access() {
  return (
    <Page
      title="Users and tokens"
      lead="People sign in with a password; panels and programs with a token. Resellers and their customers see what is theirs."
    >
      <Tabs defaultValue="users" keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="users">Users</Tabs.Tab>
          <Tabs.Tab value="tenants">Resellers and customers</Tabs.Tab>
          <Tabs.Tab value="tokens">Tokens</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="users">
          <Users />
        </Tabs.Panel>
        <Tabs.Panel value="tenants">
          <Tenants />
        </Tabs.Panel>
        <Tabs.Panel value="tokens">
          <Tokens />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
