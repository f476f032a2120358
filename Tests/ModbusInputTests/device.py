"""A Modbus device of the library pymodbus: device.py tcp PORT, or device.py serial PATH.

Unit 1: holding and input registers 0 to 99, coils and discrete inputs 0 to 19; what lies behind is an illegal address.
"""

import struct
import sys

from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
from pymodbus.server import StartSerialServer, StartTcpServer

registers = [0] * 100


def put(address, layout, value):
    data = struct.pack(layout, value)
    registers[address : address + len(data) // 2] = struct.unpack(f">{len(data) // 2}H", data)


put(0, ">f", 230.5)
put(2, ">i", -5)
put(4, ">Q", 12345678901)
put(8, ">d", -0.125)
put(12, ">H", 0x8000)
put(13, ">h", -2)
put(14, ">H", 0b1010)
put(15, ">f", float("nan"))
put(17, ">8s", b"SDM-1\0\0\0")

# Its first address is 1 to the library.
block = ModbusSequentialDataBlock(1, registers)
bits = ModbusSequentialDataBlock(1, [1, 0, 1, 1] + [0] * 16)
context = ModbusServerContext(slaves={1: ModbusSlaveContext(hr=block, ir=block, co=bits, di=bits)}, single=False)
if sys.argv[1] == "tcp":
    StartTcpServer(context=context, address=("127.0.0.1", int(sys.argv[2])))
else:
    StartSerialServer(context=context, port=sys.argv[2], baudrate=9600, parity="N", framer="rtu")
