import { Button } from '@mantine/core';
import { IconMapQuestion } from '@tabler/icons-react';
import { Link } from 'react-router-dom';
import { Empty } from '@/components/ui/states';

export function Missing() {
  return (
    <Empty
      icon={IconMapQuestion}
      title="There is no such page"
      action={
        <Button component={Link} to="/" variant="default">
          Home
        </Button>
      }
    >
      The address may be mistyped, or what it named may be gone.
    </Empty>
  );
}
