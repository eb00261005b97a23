import { Tabs } from '@mantine/core';
import { Page, Panel } from '../../parts/Page';
import { useMay } from '../../shell/may';
import { FromFile } from './FromFile';
import { FromServer } from './FromServer';
import { FromTemplate } from './FromTemplate';

export default function New() {
  const { may } = useMay();
  return (
    <Page title="New zone" lead="Nothing is made before you have seen what it will hold.">
      <Panel>
        <Tabs defaultValue="template" keepMounted={false}>
          <Tabs.List mb="md">
            <Tabs.Tab value="template">From a template</Tabs.Tab>
            <Tabs.Tab value="file">From a zone file</Tabs.Tab>
            {may('sources') && <Tabs.Tab value="server">From a server</Tabs.Tab>}
          </Tabs.List>
          <Tabs.Panel value="template">
            <FromTemplate />
          </Tabs.Panel>
          <Tabs.Panel value="file">
            <FromFile />
          </Tabs.Panel>
          <Tabs.Panel value="server">
            <FromServer />
          </Tabs.Panel>
        </Tabs>
      </Panel>
    </Page>
  );
}
