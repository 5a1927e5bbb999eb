from clientela.modules.book.tests.conftest import kasko_test

__all__ = ["kasko_test"]
