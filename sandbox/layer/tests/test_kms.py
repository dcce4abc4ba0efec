"""KMS as far as a state's data key needs it: wrapping under a context, and a key that has no say any more."""

from __future__ import annotations

from .started import LayerTest


class KmsTest(LayerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kms = cls.layer.client("kms")

    def test_what_is_wrapped_opens_under_its_key_and_context_alone(self):
        key, other = (self.kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2))
        self.kms.create_alias(AliasName="alias/states", TargetKeyId=key)
        context = {"lineage": "one"}
        wrapped = self.kms.encrypt(KeyId="alias/states", Plaintext=b"k" * 32, EncryptionContext=context)
        self.assertEqual(wrapped["KeyId"], key)
        blob = wrapped["CiphertextBlob"]
        self.assertNotIn(b"k" * 32, blob)
        opened = self.kms.decrypt(KeyId=key, CiphertextBlob=blob, EncryptionContext=context)
        self.assertEqual(opened["Plaintext"], b"k" * 32)
        self.refused("InvalidCiphertextException", self.kms.decrypt, KeyId=key, CiphertextBlob=blob,
                     EncryptionContext={"lineage": "two"})
        self.refused("IncorrectKeyException", self.kms.decrypt, KeyId=other, CiphertextBlob=blob,
                     EncryptionContext=context)

    def test_a_key_that_is_disabled_or_about_to_go_opens_nothing(self):
        key = self.kms.create_key()["KeyMetadata"]["KeyId"]
        blob = self.kms.encrypt(KeyId=key, Plaintext=b"k")["CiphertextBlob"]
        self.kms.disable_key(KeyId=key)
        self.refused("DisabledException", self.kms.decrypt, KeyId=key, CiphertextBlob=blob)
        self.refused("DisabledException", self.kms.encrypt, KeyId=key, Plaintext=b"k")
        self.kms.enable_key(KeyId=key)
        self.kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
        why = self.refused("KMSInvalidStateException", self.kms.decrypt, KeyId=key, CiphertextBlob=blob)
        self.assertIn("pending deletion", why)
        self.kms.cancel_key_deletion(KeyId=key)
        self.kms.enable_key(KeyId=key)
        self.assertEqual(self.kms.decrypt(KeyId=key, CiphertextBlob=blob)["Plaintext"], b"k")
        self.refused("NotFoundException", self.kms.encrypt, KeyId="alias/none", Plaintext=b"k")
