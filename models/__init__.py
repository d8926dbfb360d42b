"""Which models there are, where they come from, how they load. Knows no medicine."""

import os

# Threads that wait for work sleep instead of spinning, unless the user says otherwise. Beside other
# programs on 2 cores, spinning made a token 30 times slower (0.3 against 8.5 a second) and saved
# nothing when alone. OpenMP reads it once, so it stands before the first import of torch.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
