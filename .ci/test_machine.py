"""Tests of .ci/machine: a function for another processor than that of the deployment is found."""

import pathlib
import shutil
import struct
import subprocess
import tempfile
import unittest

MACHINE = pathlib.Path(__file__).parent / "machine"
# e_machine of an ELF header (elf(5)).
ARM64, X86_64 = 183, 62


def program(machine, order="<"):
    """The header of a 64-bit ELF program."""
    ident = b"\x7fELF" + bytes([2, 1 if order == "<" else 2, 1, 0]) + bytes(8)
    return ident + struct.pack(f"{order}HHI", 2, machine, 1) + bytes(40)


class Machine(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    def put(self, function, content):
        (self.folder / function).mkdir()
        (self.folder / function / "bootstrap").write_bytes(content)

    def check(self, processor):
        ended = subprocess.run([MACHINE, processor, self.folder], capture_output=True, text=True)
        return ended.returncode, ended.stdout + ended.stderr

    def test_programs_for_the_processor_pass(self):
        for name, machine in (("arm64", ARM64), ("x86_64", X86_64)):
            with self.subTest(name):
                self.put(f"{name}-tags", program(machine))
                self.assertEqual(self.check(name)[0], 0)
                shutil.rmtree(self.folder / f"{name}-tags")

    def test_one_program_for_the_other_processor_fails_and_is_named(self):
        self.put("AuthorizerFunction", program(ARM64))
        self.put("TagsFunction", program(X86_64))
        for name, wrong in (("arm64", "TagsFunction"), ("x86_64", "AuthorizerFunction")):
            status, said = self.check(name)
            self.assertEqual(status, 1, name)
            self.assertIn(wrong, said)

    def test_a_program_of_this_machine_is_for_one_processor_only(self):
        self.put("TagsFunction", pathlib.Path("/bin/sh").resolve().read_bytes())
        self.assertEqual(sorted(self.check(name)[0] for name in ("arm64", "x86_64")), [0, 1])

    def test_what_is_no_program_of_linux_fails(self):
        script, of_macos, other_magic = b"#!/bin/sh\n", b"\xcf\xfa\xed\xfe" + bytes(60), b"\x7fELG" + program(ARM64)[4:]
        for content in (b"", script, of_macos, other_magic, program(ARM64, ">"), program(ARM64)[:18]):
            with self.subTest(content[:20]):
                self.put("TagsFunction", content)
                self.assertEqual(self.check("arm64")[0], 1)
                shutil.rmtree(self.folder / "TagsFunction")

    def test_a_folder_without_functions_fails(self):
        self.assertEqual(self.check("arm64")[0], 1)

    def test_an_unknown_processor_is_refused(self):
        self.put("TagsFunction", program(ARM64))
        self.assertEqual(self.check("arm")[0], 2)


if __name__ == "__main__":
    unittest.main()
