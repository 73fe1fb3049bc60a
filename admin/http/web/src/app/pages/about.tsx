import { Accordion, Card, Code, Group, Image, Stack, Table, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Load } from '@/components/ui/load';
import { Page } from '@/components/ui/page';
import { useAbout } from '@/lib/about';

interface Licence {
  name: string;
  version: string;
  licence: string;
  text: string;
}

/** Packages in the console, with their licences: written when it is built (vite.config.ts). */
function useLicences() {
  return useQuery({
    queryKey: ['licences'],
    queryFn: async () => {
      const answer = await fetch('/licences.json');
      if (!answer.ok) throw new Error('This build of the console has no list of licences.');
      return (await answer.json()) as Licence[];
    },
    staleTime: Infinity,
  });
}

export function AboutPage() {
  const about = useAbout();
  const licences = useLicences();
  return (
    <Page title="About">
      <Load query={about}>
        {(known) => (
          <Stack>
            <Card withBorder maw={640}>
              <Group>
                <Image src="/sluice.svg" w={48} h={48} alt="" />
                <div>
                  <Title order={2} size="h4">
                    Sluice {known.version}
                  </Title>
                  <Text size="sm" c="dimmed">
                    Apache License 2.0. The store is{' '}
                    {known.store === 'sqlite' ? 'SQLite, in its own folder' : 'PostgreSQL'}.
                  </Text>
                  <Text size="sm">
                    MySQL clients connect to{' '}
                    {known.mysql_addresses.map((address, place) => (
                      <span key={address}>
                        {place > 0 ? ', ' : ''}
                        <Code>{address}</Code>
                      </span>
                    ))}
                  </Text>
                </div>
              </Group>
            </Card>
            <Title order={2} size="h4">
              Libraries of the program
            </Title>
            <Table maw={640} verticalSpacing={6}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Library</Table.Th>
                  <Table.Th>Version</Table.Th>
                  <Table.Th>Licence</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {known.parts.map((part) => (
                  <Table.Tr key={part.name}>
                    <Table.Td>{part.name}</Table.Td>
                    <Table.Td>{part.version || 'the system’s'}</Table.Td>
                    <Table.Td>{part.licence}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Stack>
        )}
      </Load>
      <Title order={2} size="h4">
        Packages of the console
      </Title>
      <Load query={licences}>
        {(list) => (
          <Accordion variant="separated" maw={760} chevronPosition="left" order={3}>
            {list.map((one) => (
              <Accordion.Item key={one.name} value={one.name}>
                <Accordion.Control>
                  <Group justify="space-between">
                    <Text size="sm">
                      {one.name} {one.version}
                    </Text>
                    <Text size="sm" c="dimmed">
                      {one.licence}
                    </Text>
                  </Group>
                </Accordion.Control>
                <Accordion.Panel>
                  <Text size="xs" className="prewrap">
                    {one.text || 'The package has no licence text of its own.'}
                  </Text>
                </Accordion.Panel>
              </Accordion.Item>
            ))}
          </Accordion>
        )}
      </Load>
    </Page>
  );
}
