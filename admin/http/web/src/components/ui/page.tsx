import { Anchor, Box, Breadcrumbs, Group, Stack, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { Link } from 'react-router-dom';

export interface Crumb {
  label: string;
  to: string;
}

/** A page's head and body. The title is the document's too. */
export function Page({
  title,
  crumbs = [],
  lead,
  actions,
  children,
}: {
  title: string;
  crumbs?: Crumb[];
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}) {
  useDocumentTitle(`${title} · Sluice`);
  return (
    <Stack gap="md">
      <div>
        {crumbs.length > 0 ? (
          <Breadcrumbs separator="/" mb={4} fz="sm">
            {crumbs.map((crumb) => (
              <Anchor key={crumb.to} component={Link} to={crumb.to} size="sm">
                {crumb.label}
              </Anchor>
            ))}
          </Breadcrumbs>
        ) : null}
        <div className="page-head">
          <Title order={1} size="h2">
            {title}
          </Title>
          {actions ? (
            <Group gap="xs" className="page-actions">
              {actions}
            </Group>
          ) : null}
          {lead ? (
            <Text c="dimmed" size="sm" className="page-lead" component="div">
              <Box maw={760}>{lead}</Box>
            </Text>
          ) : null}
        </div>
      </div>
      {children}
    </Stack>
  );
}
