"""A client's large CSV in GB18030, opened as a brand: peak memory and speed, as JSON."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

BRAND = "big"
LARGEST = 12e9
_CUSTOMERS, _PRODUCTS, _STORES = 1_000_000, 20_000, 300
_BLOCK = 500_000
_HEADING = "订单编号,会员卡号,下单时间,门店编码,商品编码,商品名称,数量,实付金额,优惠金额\r\n"
_ROW = "DD202400000000000,VIP0000000,2024-00-00 00:00:00,S000,P00000,酸奶燕麦,0,00.00,0.00\r\n"
_NAMES = ("酸奶燕麦", "低温鲜奶", "芝士蛋糕", "海盐苏打", "冻干草莓", "乌龙茶包", "原味坚果")
_SETTINGS = """name: {zh: 大文件, en: Large file}
trade: grocery
currency: CNY
timezone: Asia/Shanghai
customers: {unit: person, identifiers: personal}
evidence: synthetic
tables:
  transactions:
    source: lines.csv
    columns:
      order_id: 订单编号
      customer_id: 会员卡号
      ordered_at: 下单时间
      store_id: 门店编码
      product_id: 商品编码
      quantity: 数量
      amount: 实付金额
      discount: 优惠金额
"""


def blocks(size: float) -> Iterator[bytes]:
    """Yield a CSV of about ``size`` bytes, in order of time; every tenth order has no member."""
    row = np.frombuffer(_ROW.encode("gb18030"), dtype=np.uint8)
    starts = np.cumsum([0, *(len(cell.encode("gb18030")) + 1 for cell in _ROW.split(","))])
    count = int(size / len(row))
    names = np.array([list(name.encode("gb18030")) for name in _NAMES], dtype=np.uint8)
    random = np.random.default_rng(2024)
    yield _HEADING.encode("gb18030")
    for first in range(0, count, _BLOCK):
        line = np.arange(first, min(first + _BLOCK, count))
        order, inverse = np.unique(line // 3, return_inverse=True)
        rows = np.tile(row, (len(line), 1))
        _put(rows, starts[0] + 6, 11, line // 3)
        # Squaring makes a few customers buy much oftener than most.
        member = (random.random(len(order)) ** 2 * _CUSTOMERS).astype(int)[inverse]
        _put(rows, starts[1] + 3, 7, member)
        rows[member % 10 == 0, starts[1] : starts[1] + 10] = ord(" ")
        _put_time(rows, starts[2], (line // 3) * (3 * 366 * 86400 / count))
        _put(rows, starts[3] + 1, 3, random.integers(0, _STORES, len(order))[inverse])
        product = random.integers(0, _PRODUCTS, len(line))
        _put(rows, starts[4] + 1, 5, product)
        rows[:, starts[5] : starts[5] + names.shape[1]] = names[product % len(names)]
        _put(rows, starts[6], 1, random.integers(1, 4, len(line)))
        price = random.integers(100, 9999, len(line))
        _put(rows, starts[7], 2, price // 100)
        _put(rows, starts[7] + 3, 2, price % 100)
        _put(rows, starts[8], 1, product % 3)
        yield rows.tobytes()


def _put(rows: npt.NDArray[np.uint8], at: int, digits: int, number: npt.NDArray[np.int64]) -> None:
    for place in range(digits - 1, -1, -1):
        number, last = np.divmod(number, 10)
        rows[:, at + place] = last + ord("0")


def _put_time(rows: npt.NDArray[np.uint8], at: int, seconds: npt.NDArray[Any]) -> None:
    """Write seconds since the start of 2024 as ``2024-03-01 18:30:00``."""
    whole = np.minimum(seconds, 366 * 86400 - 1).astype("timedelta64[s]")
    text = np.datetime_as_string(np.datetime64("2024-01-01T00:00:00", "s") + whole)
    found = np.char.encode(text, "ascii")
    cells = found.view(np.uint8).reshape(len(found), -1)[:, :19].copy()
    cells[:, 10] = ord(" ")
    rows[:, at : at + 19] = cells


def scaled(folder: Path, size: float = LARGEST) -> float:
    """Return ``size``, but at most a third of what is free where ``folder`` is, in bytes."""
    return min(size, shutil.disk_usage(folder).free / 3)


def make(home: Path, size: float) -> Path:
    """Write a home folder with the brand, and return its CSV."""
    folder = home / "data" / "brands" / BRAND
    folder.mkdir(parents=True)
    (folder / "brand.yaml").write_text(_SETTINGS, encoding="utf-8")
    path = folder / "lines.csv"
    with path.open("wb") as file:
        for block in blocks(size):
            file.write(block)
    return path


def open_here() -> dict[str, float]:
    """Open the brand in this process, and return its seconds and its own peak of memory."""
    import loyalty_research as lr

    start, before = time.perf_counter(), sum(os.times()[:4])
    brand = lr.open_brand(BRAND)
    seconds, after = time.perf_counter() - start, sum(os.times()[:4])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    rows = {
        "lines": int(brand.transactions.count().execute()),
        "orders": int(brand.orders.count().execute()),
    }
    return {"seconds": seconds, "cpu_seconds": after - before, "peak": peak, **rows}


def main(folder: Path, size: float) -> dict[str, float]:
    """Make the file below ``folder``, open it in a process of its own, and remove it all."""
    home = folder / "big-csv"
    shutil.rmtree(home, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        path = make(home, scaled(folder, size))
        places = {"LOYALTY_HOME": str(home), "LOYALTY_CACHE": str(home / "cache")}
        done = subprocess.run(
            [sys.executable, str(Path(__file__).resolve()), "--open"],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | places,
        )
        found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
        kept = sum(item.stat().st_size for item in (home / "cache").rglob("*") if item.is_file())
        return {**found, "bytes": path.stat().st_size, "kept_bytes": kept}
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["--open"]:
        print(json.dumps(open_here()))
    else:
        print(json.dumps(main(Path(sys.argv[1]), float(sys.argv[2]) * 1e9)))
