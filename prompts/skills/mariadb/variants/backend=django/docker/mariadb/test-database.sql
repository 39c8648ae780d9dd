-- Django's tests make a database of their own, and drop it.
GRANT ALL ON `test\_%`.* TO 'app'@'%';
