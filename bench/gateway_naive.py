"""The peer of `gateway`: JT/T 808 positions as one writes them in an afternoon.

asyncio and struct: streams, a task a connection, a frame at a time: unescape, check,
`struct.unpack`, one INSERT and its commit, one acknowledgement. A pool of connections to the
database, so that commits share a flush. It knows positions of both editions, answers everything
else with success, and checks no key.
"""

import asyncio
import struct
import sys

import psycopg
from psycopg_pool import AsyncConnectionPool

POOL = 32
FLAG = b"\x7e"
POSITION = 0x0200
ANSWER = 0x8001
V2019 = 1 << 14
INSERT = (
    "insert into naive_fix (phone, lat, lon, altitude_m, speed, heading, alarm, status, at)"
    " values (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
)


def unescaped(frame: bytes) -> bytes:
    return frame.replace(b"\x7d\x02", b"\x7e").replace(b"\x7d\x01", b"\x7d")


def answer_to(message: int, properties: int, phone: bytes, serial: int) -> bytes:
    version = properties & V2019
    head = struct.pack(">HH", ANSWER, 5 | version)
    if version:
        head += b"\x01"
    body = struct.pack(">HHB", serial, message, 0)
    raw = head + phone + struct.pack(">H", serial) + body
    check = 0
    for byte in raw:
        check ^= byte
    raw += bytes((check,))
    return FLAG + raw.replace(b"\x7d", b"\x7d\x01").replace(FLAG, b"\x7d\x02") + FLAG


async def serve(
    pool: AsyncConnectionPool, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    try:
        while True:
            frame = (await reader.readuntil(FLAG))[:-1]
            if not frame:
                continue
            raw = unescaped(frame)
            check = 0
            for byte in raw:
                check ^= byte
            if check:
                continue
            message, properties = struct.unpack_from(">HH", raw)
            at = 5 if properties & V2019 else 4
            size = 10 if properties & V2019 else 6
            phone = raw[at : at + size]
            (serial,) = struct.unpack_from(">H", raw, at + size)
            if message == POSITION:
                alarm, status, lat, lon, altitude, speed, heading = struct.unpack_from(
                    ">IIIIHHH", raw, at + size + 2
                )
                time = raw[at + size + 24 : at + size + 30].hex()
                row = (
                    *(phone.hex(), lat / 1e6, lon / 1e6, altitude, speed / 10, heading),
                    *(alarm, status, time),
                )
                async with pool.connection() as connection:
                    await connection.execute(INSERT, row)
            writer.write(answer_to(message, properties, phone, serial))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def main(conninfo: str, port: int) -> None:
    with psycopg.connect(conninfo, autocommit=True) as owner:
        owner.execute(
            "create table naive_fix (phone text, lat float8, lon float8, altitude_m int,"
            " speed float8, heading int, alarm bigint, status bigint, at text)"
        )
    async with AsyncConnectionPool(conninfo, min_size=POOL, max_size=POOL) as pool:
        await pool.wait()
        server = await asyncio.start_server(
            lambda reader, writer: serve(pool, reader, writer), "127.0.0.1", port, backlog=4_096
        )
        async with server:
            print("ready", flush=True)
            await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
