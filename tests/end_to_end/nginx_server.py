"""An nginx as tests see it."""

from __future__ import annotations

from pathlib import Path

import pytest

PROGRAM = Path("/usr/sbin/nginx")
needs_nginx = pytest.mark.skipif(not PROGRAM.exists(), reason="nginx is not installed")
