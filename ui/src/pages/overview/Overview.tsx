import { SimpleGrid, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { status } from '../../api/queries';
import { Answer } from '../../parts/Answer';
import { Page } from '../../parts/Page';
import { FirstSteps } from './FirstSteps';
import { Incidents } from './Incidents';
import { LastChanges } from './LastChanges';
import { Picture } from './Picture';
import { Propagation } from './Propagation';
import { Share } from './Share';

export function Overview() {
  const now = useQuery({ ...status, refetchInterval: 10_000 });
  return (
    <Page title="Overview">
      <Answer of={now}>
        {(s) => (
          <Stack>
            <FirstSteps status={s} />
            <SimpleGrid cols={{ base: 1, md: 2 }}>
              <Stack>
                <Share status={s} />
                {s.propagation && <Propagation of={s.propagation} />}
              </Stack>
              <Incidents status={s} />
            </SimpleGrid>
            <Picture members={s.members} />
            <LastChanges />
          </Stack>
        )}
      </Answer>
    </Page>
  );
}
